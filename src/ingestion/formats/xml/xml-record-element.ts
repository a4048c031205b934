import { nameHint } from '../../../common/errors/unknown-name.js'
import { HeaderError } from '../../mapping/source-header.js'
import { XmlParser } from './xml-parser.js'

/** An element whose name no file makes up anew in each record. */
const MAX_KNOWN_NAMES = 1000
const MAX_LISTED_CHARACTERS = 60

/** Looks for the element that was named as the record in the beginning of a file. */
export class RecordElementFinder {
  private readonly names = new Set<string>()
  private isFound = false
  private readonly parser = new XmlParser({
    open: (name) => this.meet(name),
    attribute: () => undefined,
    text: () => undefined,
    close: () => undefined,
  })

  /** `element`: its name without a prefix */
  constructor(private readonly element: string) {}

  /** Throws BrokenFileError for what is not well-formed or not allowed. */
  write(text: string): void {
    this.parser.write(text)
  }

  /** Says that the file has no more text. */
  end(): void {
    this.parser.end()
  }

  /** Whether any element of the name was met. */
  hasFoundList(): boolean {
    return this.isFound
  }

  /** Throws HeaderError with the names that there are when it was not met. */
  expectFound(isWholeFile: boolean): void {
    if (this.isFound) return
    const names = [...this.names].map((name) => name.slice(0, MAX_LISTED_CHARACTERS))
    throw new HeaderError(
      `${isWholeFile ? 'The file has' : 'The first 16 MiB of the file have'} no element <${this.element}>, which recordElement names. ${nameHint(this.element, names)}.`,
    )
  }

  private meet(name: string): void {
    if (name === this.element) this.isFound = true
    if (this.names.size < MAX_KNOWN_NAMES) this.names.add(name)
  }
}
