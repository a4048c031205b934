import { XmlParser } from '../formats/xml/xml-parser.js'

/**
 * The beginning of an XML file as a document of its own: without the tag in which it breaks off, and with the ends of the
 * elements that are open there. Throws BrokenFileError for what is not XML before that.
 */
export function closedXml(bytes: Buffer): Buffer {
  const text = bytes.toString('utf8', 0, bytes.lastIndexOf(0x3e) + 1)
  const open: string[] = []
  const parser = new XmlParser({
    // The parser knows no prefixes, which the ends must have.
    open: () => void open.push(nameAt(text, text.lastIndexOf('<', parser.position - 1))),
    attribute: () => undefined,
    text: () => undefined,
    close: () => void open.pop(),
  })
  parser.write(text)
  const ends = open.reverse().map((name) => `</${name}>`)
  return Buffer.from(text + ends.join(''))
}

function nameAt(text: string, start: number): string {
  return /^<([^\s/>]+)/.exec(text.slice(start, start + 5_000))?.[1] ?? ''
}
