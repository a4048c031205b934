/** Parameters as the client takes and escapes them, and as JSON can show them. */
export type SqlParamValues = Record<string, string | string[]>

/** Binds values: each becomes a parameter `{pN:Type}`, so that no text of a question is ever part of a statement. */
export class SqlParams {
  readonly values: SqlParamValues = {}
  private count = 0

  /** The placeholder to write into the SQL. */
  bind(type: string, value: string): string {
    return this.add(type, value)
  }

  /** A list of texts or dates as one parameter. */
  bindTexts(type: string, values: string[]): string {
    return this.add(`Array(${type})`, values)
  }

  /** A list of numbers as one parameter; the engine does not read quoted numbers inside an array. */
  bindNumbers(type: string, values: string[]): string {
    return this.add(`Array(${type})`, `[${values.join(',')}]`)
  }

  /** Parameters that have names of their own. */
  include(params: Record<string, string> = {}): void {
    Object.assign(this.values, params)
  }

  private add(type: string, value: string | string[]): string {
    const name = `p${this.count++}`
    this.values[name] = value
    return `{${name}:${type}}`
  }
}
