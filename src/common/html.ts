const ENTITIES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' }

/** A piece of a page. What is put into it is escaped, unless it is such a piece itself. */
export class Html {
  constructor(readonly text: string) {}

  toString(): string {
    return this.text
  }
}

/** markup`<td>${name}</td>`; a list of pieces is put in one after the other. */
export function markup(texts: TemplateStringsArray, ...values: (string | number | Html | Html[])[]): Html {
  return new Html(texts.map((text, index) => (index === 0 ? text : safe(values[index - 1]!) + text)).join(''))
}

function safe(value: string | number | Html | Html[]): string {
  if (Array.isArray(value)) return value.join('')
  return value instanceof Html ? value.text : String(value).replace(/[&<>"']/g, (character) => ENTITIES[character]!)
}
