import { KEPT_OF_TOO_LONG, MAX_RECORD_BYTES } from '../record-source.js'
import type { XmlBeginning, XmlRecords } from './xml-beginning.js'
import type { XmlChunk, XmlFault } from './xml-chunk.js'
import { XmlChunkBuilder } from './xml-chunk-builder.js'
import { XmlParser } from './xml-parser.js'
import { XmlOutsideRecords, type RowFields } from './xml-outside-records.js'
import { lineFeeds } from './xml-text.js'

export interface XmlChunkOptions {
  /** position in a record, from 0, of the field that an element or attribute of this name gives; undefined: not wanted */
  slots: (name: string) => number | undefined
  /** fields of a record */
  fields: number
  /** by which records outside of the list are known */
  rowFields: RowFields
  /** a chunk ends with the first record that brings its XML or its CSV to this many bytes */
  chunkBytes?: number
  /** a longer record is a fault, so that memory stays bounded by the chunk */
  maxRecordBytes?: number
}

const DEFAULT_CHUNK_BYTES = 16 * 1024 * 1024

/**
 * Reads the records of an XML file in UTF-8 (see toUtf8 and encodingOfXml), in chunks that depend on the file and the
 * options alone. Which elements are records is told by its beginning, or by their name (the outermost ones of it, wherever
 * they lie; what stands outside of them is then not looked at); their attributes and child elements are the
 * fields, an empty or absent one being empty text. Attributes of child elements are no fields; text directly inside a
 * record is a fault of it.
 *
 * Throws BrokenFileError with line and column when the XML is not well-formed, nested too deeply, or has a DOCTYPE, and
 * with the line when there are records or text outside of the list (see XmlOutsideRecords).
 */
export async function* xmlChunks(beginning: XmlBeginning, options: XmlChunkOptions): AsyncGenerator<XmlChunk> {
  const reader = new XmlReader(beginning.records, options)
  for (const piece of beginning.pieces.splice(0)) {
    reader.write(piece)
    yield* reader.takeChunks()
  }
  for await (const piece of beginning.rest) {
    reader.write(piece)
    yield* reader.takeChunks()
  }
  reader.end()
  yield* reader.takeChunks()
}

/** The names of attributes and elements in the records of the file's beginning, also of one that is cut off there. */
export function fieldNamesIn({ records, pieces }: XmlBeginning): string[] {
  const names = new Set<string>()
  const reader = new XmlReader(records, {
    slots: (name) => void names.add(name),
    fields: 1,
    rowFields: { has: () => false, count: 0 },
  })
  for (const piece of pieces) {
    reader.write(piece)
    for (const chunk of reader.takeChunks()) chunk.release()
  }
  return [...names]
}

class XmlReader {
  private readonly parser: XmlParser
  private readonly chunks: XmlChunkBuilder
  /** not where the records were named: what else there is was left out on purpose then */
  private readonly surroundings: XmlOutsideRecords | undefined
  private readonly slots: XmlChunkOptions['slots']
  private readonly maxRecordBytes: number
  private readonly path: string[]
  private readonly element: string | undefined
  /** of the record being read, or of all */
  private recordDepth: number
  /** how many elements of the path to a record are open */
  private matched = 0

  /** the file's text from character `keptFrom` on: the piece being read, and the record being read before it */
  private kept = ''
  private keptFrom = 0
  /** bytes of the file before the piece being read, and the characters before it */
  private bytesBefore = 0
  private pieceStart = 0

  private inRecord = false
  private recordStart = 0
  private recordLine = 0
  /** the head of a record that is too long, once it is known to be */
  private tooLong: string | undefined
  private fault: XmlFault | undefined
  private readonly values: (string | undefined)[]
  private fieldSlot: number | undefined
  private fieldName = ''
  private fieldText = ''

  constructor(records: XmlRecords, options: XmlChunkOptions) {
    const { slots, fields, chunkBytes = DEFAULT_CHUNK_BYTES, maxRecordBytes = MAX_RECORD_BYTES } = options
    this.slots = slots
    this.maxRecordBytes = maxRecordBytes
    this.path = 'path' in records ? records.path : []
    this.element = 'element' in records ? records.element : undefined
    this.recordDepth = this.path.length - 1
    this.values = new Array<string | undefined>(fields)
    this.chunks = new XmlChunkBuilder(fields, chunkBytes)
    this.parser = new XmlParser(this)
    if (this.element === undefined)
      this.surroundings = new XmlOutsideRecords(this.path, options.rowFields, () => this.parser.line)
  }

  write(piece: string): void {
    this.kept += piece
    this.parser.write(piece)
    this.pieceStart += piece.length
    this.bytesBefore += Buffer.byteLength(piece)
    this.forget()
  }

  end(): void {
    this.parser.end()
    this.chunks.cut(this.bytesBefore)
  }

  takeChunks(): XmlChunk[] {
    return this.chunks.take()
  }

  open(name: string, depth: number): void {
    if (this.inRecord) return this.openInRecord(name, depth)
    if (this.element !== undefined) return name === this.element ? this.startRecord(depth) : undefined
    if (depth !== this.matched || name !== this.path[depth]) return this.surroundings?.open(name)
    this.matched++
    if (depth === this.recordDepth) this.startRecord(depth)
  }

  attribute(name: string, value: string, depth: number): void {
    if (!this.inRecord) return this.surroundings?.attribute(name)
    if (depth !== this.recordDepth) return
    const slot = this.slots(name)
    if (slot !== undefined) this.setField(slot, name, value)
  }

  text(text: string, depth: number): void {
    if (this.fieldSlot !== undefined) {
      if (depth === this.recordDepth + 1 && this.tooLong === undefined) this.fieldText += text
    } else if ((depth <= this.recordDepth || !this.inRecord) && !isBlank(text)) {
      if (this.inRecord) this.fault ??= { kind: 'loose-text' }
      else this.surroundings?.text(text, depth)
    }
  }

  close(_name: string, depth: number): void {
    if (this.inRecord && depth === this.recordDepth + 1) this.closeField()
    else if (this.inRecord && depth === this.recordDepth) this.endRecord()
    else if (!this.inRecord && depth < this.matched) this.surroundings?.closeHolder(depth)
    else if (!this.inRecord) this.surroundings?.close(depth)
    if (!this.inRecord) this.matched = Math.min(this.matched, depth)
  }

  private startRecord(depth: number): void {
    this.recordDepth = depth
    const { position, line } = this.parser
    const start = this.kept.lastIndexOf('<', position - this.keptFrom - 1)
    this.recordStart = this.keptFrom + start
    this.recordLine = line - lineFeeds(this.kept.slice(start, position - this.keptFrom))
    this.inRecord = true
    this.fault = this.tooLong = undefined
    this.values.fill(undefined)
  }

  private openInRecord(name: string, depth: number): void {
    if (depth === this.recordDepth + 1) {
      this.fieldSlot = this.slots(name)
      this.fieldName = name
      this.fieldText = ''
    } else if (this.fieldSlot !== undefined) {
      this.fault ??= { kind: 'nested-field', field: this.fieldName }
    }
  }

  private closeField(): void {
    if (this.fieldSlot !== undefined) this.setField(this.fieldSlot, this.fieldName, this.fieldText)
    this.fieldSlot = undefined
    this.fieldText = ''
  }

  private setField(slot: number, field: string, value: string): void {
    if (this.tooLong !== undefined) return
    if (this.values[slot] !== undefined) this.fault ??= { kind: 'repeated-field', field }
    this.values[slot] = value
  }

  private endRecord(): void {
    const { position } = this.parser
    let raw = this.tooLong ?? this.kept.slice(this.recordStart - this.keptFrom, position - this.keptFrom)
    if (this.tooLong === undefined && Buffer.byteLength(raw) > this.maxRecordBytes) {
      raw = raw.slice(0, KEPT_OF_TOO_LONG)
      this.tooLong = raw
    }
    const fault: XmlFault | undefined = this.tooLong === undefined ? this.fault : { kind: 'too-long' }
    this.inRecord = false
    this.chunks.add(raw, this.recordLine, this.values, fault)
    if (this.chunks.isFull) this.chunks.cut(this.byteOffset(position))
  }

  /** Of the file, for a position in the piece being read. */
  private byteOffset(position: number): number {
    const text = this.kept.slice(this.pieceStart - this.keptFrom, position - this.keptFrom)
    return this.bytesBefore + Buffer.byteLength(text)
  }

  /** Between pieces: keeps of the text what a record or a tag that has begun still needs, up to the limit. */
  private forget(): void {
    const needed = this.inRecord ? this.recordStart - this.keptFrom : this.kept.lastIndexOf('<')
    const isTooLong = this.pieceStart - (this.keptFrom + needed) > this.maxRecordBytes
    if (this.inRecord && isTooLong && this.tooLong === undefined) {
      this.tooLong = this.kept.slice(needed, needed + KEPT_OF_TOO_LONG)
      this.fieldText = ''
    }
    if (!this.inRecord && isTooLong && this.parser.isInTag) this.parser.refuse('a tag is longer than a record may be')
    if (this.tooLong !== undefined && this.inRecord) this.parser.forgetAttributes()
    this.parser.forgetText(this.maxRecordBytes)
    const keepFrom = needed < 0 || isTooLong ? this.kept.length : needed
    this.kept = this.kept.slice(keepFrom)
    this.keptFrom += keepFrom
  }
}

/** Of the characters up to the space XML has only those that are blank. */
function isBlank(text: string): boolean {
  for (let at = 0; at < text.length; at++) if (text.charCodeAt(at) > 0x20) return false
  return true
}
