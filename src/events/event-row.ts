interface EventParts {
  id: string
  ms: number
  receivedMs: number
  /** JSON texts */
  source: string
  type: string
  values: ValuesText
}

/** The columns of `eventRow`, in its order. */
export const EVENT_COLUMNS = ['id', 'timestamp', 'received_at', 'source', 'type', 'values', 'texts', 'numbers']
export const EVENT_FORMAT = 'JSONCompactEachRow'

/** The JSON of an event's `values`, and of its two maps; written key by key from texts that are JSON already. */
export class ValuesText {
  private members = ''
  private texts = ''
  private numbers = ''

  get json(): string {
    return `{${this.members.slice(1)}}`
  }

  get maps(): string {
    return `{${this.texts.slice(1)}},{${this.numbers.slice(1)}}`
  }

  addNumber(name: string, number: string): void {
    const member = `,${name}:${number}`
    this.members += member
    this.numbers += member
  }

  addText(name: string, text: string): void {
    const member = `,${name}:${text}`
    this.members += member
    this.texts += member
  }

  addBoolean(name: string, value: boolean): void {
    this.members += `,${name}:${value}`
    this.texts += `,${name}:"${value}"`
  }
}

/** One line for ClickHouse: an array of the columns. It takes whole numbers for milliseconds. */
export function eventRow({ id, ms, receivedMs, source, type, values }: EventParts): string {
  return `["${id}",${ms},${receivedMs},${source},${type},${JSON.stringify(values.json)},${values.maps}]\n`
}
