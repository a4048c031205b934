import { BrokenFileError } from '../broken-file.error.js'

/** An element with any of the records' fields may stand beside them under so many different names. */
const MAX_NAMES = 1000

/** The fields that the rows are made of, as far as the records of the file's beginning have them. */
export interface RowFields {
  has(name: string): boolean
  count: number
}

interface OpenElement {
  name: string
  fields: Set<string>
}

/**
 * Looks at what stands outside of the list of records, so that none is lost there without a word. A header, totals and
 * the like pass. Throws BrokenFileError with the line for:
 *
 * 1. an element of the records' name;
 * 2. an element with half of the fields that the rows are made of, at least two;
 * 3. elements that stand twice or more under one parent and have any of these fields;
 * 4. text directly in an element that holds the list.
 */
export class XmlOutsideRecords {
  private readonly open_: OpenElement[] = []
  /** for each depth: names of the elements with any field under the parent that is open now */
  private readonly withFields: Set<string>[] = []
  private readonly enoughFields: number

  constructor(
    /** names from the root to a record */
    private readonly path: string[],
    private readonly fields: RowFields,
    /** the line that is being read */
    private readonly line: () => number,
  ) {
    this.enoughFields = Math.max(2, Math.ceil(fields.count / 2))
  }

  open(name: string): void {
    if (name === this.path.at(-1)) this.refuse(`<${name}> stands outside of the list`)
    this.addField(name)
    this.open_.push({ name, fields: new Set() })
  }

  attribute(name: string): void {
    this.addField(name)
  }

  /** Text at this depth in any element that is no part of a record. */
  text(text: string, depth: number): void {
    if (this.open_.length > 0 || depth < 0) return
    const shown = text.trim().slice(0, 40)
    this.refuse(`the text ${JSON.stringify(shown)} stands outside of the records`)
  }

  close(depth: number): void {
    const { name, fields } = this.open_.pop()!
    this.closeHolder(depth)
    if (fields.size === 0) return
    const siblings = (this.withFields[depth] ??= new Set())
    if (siblings.has(name) || siblings.size >= MAX_NAMES) this.refuse(`<${name}> repeats and has ${listed(fields)}`)
    siblings.add(name)
  }

  /** An element that holds the list ends. */
  closeHolder(depth: number): void {
    this.withFields[depth + 1]?.clear()
  }

  private addField(name: string): void {
    const element = this.open_.at(-1)
    if (!element || !this.fields.has(name)) return
    element.fields.add(name)
    if (element.fields.size >= this.enoughFields) this.refuse(`<${element.name}> has ${listed(element.fields)}`)
  }

  private refuse(problem: string): never {
    const list = this.path.join('/')
    throw new BrokenFileError(
      `Line ${this.line()}: ${problem}, and only records in ${list} are read. ` +
        'Put all records into one list, or send a file for each. Nothing was loaded.',
    )
  }
}

function listed(names: Set<string>): string {
  return [...names].slice(0, 5).join(', ')
}
