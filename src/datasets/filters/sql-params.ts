/** Texts that share one parameter where each is an expression of its own. */
const TEXTS_PER_PARAM = 16

/** Parameters as the client takes and escapes them, and as JSON can show them. */
export type SqlParamValues = Record<string, string | string[]>

/** Binds values: each becomes a parameter `{pN:Type}`, so that no text of a query is ever part of a statement. */
export class SqlParams {
  readonly values: SqlParamValues = {}
  private count = 0

  /** `prefix`: of the names, for parameters that go into statements with others. */
  constructor(private readonly prefix = '') {}

  /** The placeholder to write into the SQL. */
  bind(type: string, value: string): string {
    return this.add(type, value)
  }

  /** A list of texts or dates as one parameter. */
  bindTexts(type: string, values: string[]): string {
    return this.add(`Array(${type})`, values)
  }

  /** Lists of texts, each at most so long. */
  bindTextLists(values: string[], size: number): string[] {
    return values.length === 0 ? [] : chunked(values, size).map((list) => this.bindTexts('String', list))
  }

  /**
   * Each text as an expression of its own. Together as lists, because ClickHouse takes at most 1,000 fields in a request,
   * and as several lists, because it copies a list into every expression that names one of its texts.
   */
  bindEachText(values: string[]): string[] {
    if (values.length === 1) return [this.bind('String', values[0]!)]
    const lists = chunked(values, TEXTS_PER_PARAM)
    return lists.flatMap((list) => {
      const placeholder = this.bindTexts('String', list)
      return list.map((_, index) => `${placeholder}[${index + 1}]`)
    })
  }

  /** A list of numbers as one parameter; ClickHouse does not read quoted numbers inside an array. */
  bindNumbers(type: string, values: string[]): string {
    return this.add(`Array(${type})`, `[${values.join(',')}]`)
  }

  /** Parameters that have names of their own. */
  include(params: SqlParamValues = {}): void {
    Object.assign(this.values, params)
  }

  private add(type: string, value: string | string[]): string {
    const name = `${this.prefix}p${this.count++}`
    this.values[name] = value
    return `{${name}:${type}}`
  }
}

function chunked<T>(values: T[], size: number): T[][] {
  const count = Math.ceil(values.length / size)
  return Array.from({ length: count }, (_, index) => values.slice(index * size, (index + 1) * size))
}
