type Plain = string | number | boolean | null

/**
 * An array as PostgreSQL's text form, of values that need no quotes: numbers, booleans, UUIDs. The driver's own encoding
 * takes each element through a chain of checks and patterns, which counts where thousands go by in a second.
 */
export function plainArray<Item>(items: readonly Item[], of: (item: Item) => Plain): string {
  let text = '{'
  for (let n = 0; n < items.length; n++) text += (n === 0 ? '' : ',') + (of(items[n]!) ?? 'NULL')
  return `${text}}`
}

/** As plainArray, of any texts. */
export function textArray<Item>(items: readonly Item[], of: (item: Item) => string | null): string {
  return plainArray(items, (item) => {
    const text = of(item)
    return text === null ? null : quoted(text)
  })
}

function quoted(text: string): string {
  return `"${NEEDS_ESCAPE.test(text) ? text.replace(ESCAPED, '\\$&') : text}"`
}

const NEEDS_ESCAPE = /["\\]/
const ESCAPED = /["\\]/g
