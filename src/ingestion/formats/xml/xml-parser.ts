import { SaxesParser } from 'saxes'
import { AppError } from '../../../common/errors/app-error.js'
import { BrokenFileError } from '../broken-file.error.js'
import { encodingOfLabel, READ_ENCODINGS, sniffByteOrderMark, type TextEncoding } from '../encodings.js'

const MAX_DEPTH = 32
const MAX_NAME_CHARACTERS = 4096
const KEPT_CHARACTERS = 64

export interface XmlEvents {
  /** `depth` counts from 0 for the root; `start` is the position of the `<`, 0 being the file's first character */
  open(name: string, depth: number): void
  attribute(name: string, value: string, depth: number): void
  /** Character data in pieces, references resolved. */
  text(text: string, depth: number): void
  close(name: string, depth: number): void
}

/**
 * A streaming XML parser that takes only what tables need: no DOCTYPE, no entities but the five of XML and numeric
 * references, no more than 32 elements within each other. Names come without their namespace prefix, and namespace
 * declarations not at all. Throws BrokenFileError with line and column at the first thing that is not well-formed.
 */
export class XmlParser {
  private readonly parser = new SaxesParser({ position: true })
  private depth = -1
  private isTagOpen = false

  constructor(events: XmlEvents) {
    const { parser } = this
    // No more than seven handlers: an eighth turns the parser's fields into a dictionary, and it reads at a fifth of the
    // speed. Errors are thrown when nobody listens.
    parser.on('doctype', () => this.refuse('a DOCTYPE is not allowed'))
    parser.on('opentagstart', ({ name }) => {
      this.isTagOpen = true
      if (++this.depth >= MAX_DEPTH) this.refuse(`there are more than ${MAX_DEPTH} elements within each other`)
      events.open(localName(name), this.depth)
    })
    parser.on('attribute', ({ name, value }) => {
      if (name !== 'xmlns' && !name.startsWith('xmlns:')) events.attribute(localName(name), value, this.depth)
    })
    parser.on('opentag', () => (this.isTagOpen = false))
    parser.on('text', (text) => events.text(text, this.depth))
    parser.on('cdata', (text) => events.text(text, this.depth))
    parser.on('closetag', ({ name }) => events.close(localName(name), this.depth--))
  }

  /** Characters read so far; in an event those up to its end. */
  get position(): number {
    return this.parser.position
  }

  /** The line that is being read, from 1. */
  get line(): number {
    return this.parser.line
  }

  /** Whether an element's `<name …` is still without its `>`. */
  get isInTag(): boolean {
    return this.isTagOpen
  }

  write(text: string): void {
    this.parse(() => this.parser.write(text))
    if (this.held('name').length > MAX_NAME_CHARACTERS || this.held('entity').length > MAX_NAME_CHARACTERS)
      this.refuse('a name or a reference is too long')
  }

  end(): void {
    this.parse(() => this.parser.close())
  }

  private parse(work: () => unknown): void {
    try {
      work()
      refuseUnknownEncoding(this.parser.xmlDecl.encoding)
    } catch (error) {
      if (error instanceof AppError) throw error
      this.refuse((error as Error).message.replace(/^\d+:\d+: /, '').replace(/\.$/, ''))
    }
  }

  /**
   * Drops the text that the parser has collected for an event to come, which may be longer than memory; the event then
   * comes with little of it, which is blank only if the whole was. It has no public way for that.
   */
  forgetText(longerThan: number): void {
    const text = this.held('text')
    if (text.length > longerThan) Reflect.set(this.parser, 'text', text.trimStart().slice(0, KEPT_CHARACTERS))
  }

  /** Likewise the attributes of the element that is being opened. */
  forgetAttributes(): void {
    Reflect.set(this.parser, 'attribList', [])
  }

  refuse(reason: string): never {
    const { line, column } = this.parser
    throw new BrokenFileError(`The XML is not well-formed or not allowed: line ${line}, column ${column}: ${reason}.`)
  }

  private held(field: 'text' | 'name' | 'entity'): string {
    return Reflect.get(this.parser, field) as string
  }
}

/**
 * The encoding of an XML file by its first bytes: the byte order mark, else the declaration; undefined when there is
 * neither. Throws BrokenFileError for one that is not read.
 */
export function encodingOfXml(head: Buffer): TextEncoding | undefined {
  const marked = sniffByteOrderMark(head)
  if (marked) return marked
  const declared = /^<\?xml[^>]*?\sencoding\s*=\s*["']([^"'>]*)["']/.exec(head.toString('latin1', 0, 1024))?.[1]
  return refuseUnknownEncoding(declared)
}

function refuseUnknownEncoding(label: string | undefined): TextEncoding | undefined {
  if (label === undefined) return undefined
  const encoding = encodingOfLabel(label)
  if (encoding) return encoding
  throw new BrokenFileError(`The XML declares the encoding ${JSON.stringify(label.slice(0, 40))}; ${READ_ENCODINGS}.`)
}

function localName(name: string): string {
  return name.slice(name.indexOf(':') + 1)
}
