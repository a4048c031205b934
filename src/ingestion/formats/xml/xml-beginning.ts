import type { ByteSource } from '../byte-source.js'
import { RecordElementFinder } from './xml-record-element.js'
import { RecordPathFinder } from './xml-record-path.js'
import { utf8Pieces } from './xml-text.js'

const SAMPLE_CHARACTERS = 1024 * 1024
/** A long comment or header may stand before the records; what was read must be kept to be read again. */
const MAX_SAMPLE_CHARACTERS = 16 * 1024 * 1024

export type XmlRecords = { path: string[] } | { element: string }

/** An XML file of which so much was read as it took to tell its records. Its text can be read on once. */
export interface XmlBeginning {
  /** which elements are records: those at a path of names from the root (see RecordPathFinder), or of a name anywhere */
  records: XmlRecords
  pieces: string[]
  /** the text behind the pieces */
  rest: AsyncGenerator<string>
  /** nothing is behind the pieces */
  isWhole: boolean
}

/**
 * Reads the file's beginning: 1 MiB, and up to 16 while there is no list in it whose elements have fields that are wanted.
 * `element` is the name of the records,
 * where that is known; HeaderError when there is none. Throws BrokenFileError where it is not UTF-8, not well-formed or not
 * allowed.
 */
export async function readXmlBeginning(
  source: ByteSource,
  isWanted: (name: string) => boolean,
  element?: string,
): Promise<XmlBeginning> {
  const rest = utf8Pieces(source)
  const finder = element === undefined ? new RecordPathFinder(isWanted) : new RecordElementFinder(element)
  const pieces: string[] = []
  let isWhole = false
  const isEnough = (size: number): boolean =>
    size >= MAX_SAMPLE_CHARACTERS || (size >= SAMPLE_CHARACTERS && finder.hasFoundList())
  for (let size = 0; !isWhole && !isEnough(size);) {
    const next = await rest.next()
    if (next.done) {
      finder.end()
      isWhole = true
    } else {
      finder.write(next.value)
      pieces.push(next.value)
      size += next.value.length
    }
  }
  if (finder instanceof RecordPathFinder) return { records: { path: finder.result() }, pieces, rest, isWhole }
  finder.expectFound(isWhole)
  return { records: { element: element! }, pieces, rest, isWhole }
}
