import type { FileHandle } from 'node:fs/promises'
import { BrokenFileError } from './broken-file.error.js'
import { columnsOf, type ParquetColumn, type UnreadColumn } from './parquet-schema.js'
import { fixedBytesOf, isReadRaw } from './parquet-text.js'
import {
  ThriftError,
  ThriftReader,
  ThriftType,
  writeThriftStruct,
  type ThriftField,
  type ThriftStruct,
  type ThriftValue,
} from './thrift-compact.js'

/** A Parquet file whose footer was read. */
export interface ParquetFile {
  /** the columns of plain values, in file order; a name may repeat */
  columns: ParquetColumn[]
  /** the others: lists, maps, structs, and what no text stands for */
  unreadColumns: UnreadColumn[]
  rows: number
  /** the row groups that have rows, in file order */
  groups: RowGroup[]
  /**
   * One row group as a Parquet file of its own, with only these columns under these names (`as` must differ). The
   * columns' bytes are copied as they are; their description is that of what parquetText reads.
   */
  part(group: RowGroup, selection: { column: ParquetColumn; as: string }[]): ParquetPart
}

export interface RowGroup {
  /** number of its first row, counted from 1 */
  firstRow: number
  rows: number
  /** where its data ends in the file */
  bytesEnd: number
  /** where its description lies in the footer */
  footerOffset: number
}

export interface ParquetPart {
  bytes: number
  /** The part's bytes in Buffers of at most 1 MiB; can be called again. */
  stream(): AsyncGenerator<Buffer>
}

const MAGIC = Buffer.from('PAR1')
const ENCRYPTED_MAGIC = Buffer.from('PARE')
/** magic, footer length, magic */
const FRAME_BYTES = 12
const TAIL_BYTES = 8
const MAX_FOOTER_BYTES = 128 * 1024 * 1024
const READ_BYTES = 1024 * 1024

/** Field numbers of parquet.thrift. */
const FILE = { version: 1, schema: 2, rows: 3, rowGroups: 4, createdBy: 6, encryption: 8 }
const GROUP = { columns: 1, totalByteSize: 2, rows: 3, totalCompressedSize: 6 }
const CHUNK = { filePath: 1, fileOffset: 2, metaData: 3, crypto: 8, encryptedMetaData: 9 }
const COLUMN = { type: 1, path: 3, values: 5, uncompressed: 6, compressed: 7, dataPage: 9, dictionaryPage: 11 }
const ELEMENT = { type: 1, typeLength: 2, name: 4, children: 5, precision: 8, logical: 10 }
/** field of the union LogicalType, and of its struct */
const LOGICAL_DECIMAL = 5
const LOGICAL_DECIMAL_PRECISION = 2
/** a physical type */
const FIXED_LEN_BYTE_ARRAY = 7
/** converted type, scale, precision, logical type */
const ANNOTATION_FIELDS = new Set([6, 7, 8, 10])
/** What a reader needs of a column's description; statistics, page indexes and bloom filters stay behind. */
const KEPT_COLUMN_FIELDS = new Set([1, 2, 3, 4, 5, 6, 7, 9, 11, 13])

/**
 * Reads the footer of a Parquet file. Throws BrokenFileError with a sentence when it is not one, is encrypted, is cut
 * short or broken, or has no rows. The file must stay open as long as its parts are read.
 */
export async function openParquet(file: FileHandle): Promise<ParquetFile> {
  const { size } = await file.stat()
  const footer = await readFooter(file, size)
  return orBroken(() => {
    const { kept, groups, rows, schema } = parseFooter(footer, size)
    const { columns, unreadColumns } = columnsOf(schema)
    if (rows === 0) throw new BrokenFileError('The Parquet file has no rows.')
    const part: ParquetFile['part'] = (group, selection) =>
      orBroken(() => {
        const chunks = new ThriftReader(footer, group.footerOffset).readStruct()
        const selected = selection.map(({ column, as }) => selectedChunk(chunks, group, column, as, size))
        return assemblePart(file, kept, schema, group, selected, size)
      })
    return { columns, unreadColumns, rows, groups, part }
  })
}

async function readFooter(file: FileHandle, size: number): Promise<Buffer> {
  const head = await readAt(file, 0, Math.min(size, MAGIC.length))
  if (head.equals(ENCRYPTED_MAGIC)) throw new BrokenFileError('The Parquet file is encrypted, which is not read.')
  if (!head.equals(MAGIC)) throw new BrokenFileError('The file is not a Parquet file: it does not begin with PAR1.')
  if (size < FRAME_BYTES) throw new BrokenFileError('The Parquet file ends too early.')
  const tail = await readAt(file, size - TAIL_BYTES, TAIL_BYTES)
  if (tail.subarray(4).equals(ENCRYPTED_MAGIC))
    throw new BrokenFileError('The Parquet file is encrypted, which is not read.')
  if (!tail.subarray(4).equals(MAGIC))
    throw new BrokenFileError('The Parquet file ends too early: it does not end with PAR1.')
  const length = tail.readUInt32LE(0)
  if (length > size - FRAME_BYTES)
    throw new BrokenFileError(`The Parquet file is broken: its footer would have ${length} bytes, more than the file.`)
  if (length > MAX_FOOTER_BYTES)
    throw new BrokenFileError(
      `The Parquet file has a footer of ${length} bytes; at most ${MAX_FOOTER_BYTES} are read. Write it with fewer, larger row groups.`,
    )
  return readAt(file, size - TAIL_BYTES - length, length)
}

interface Footer {
  /** the fields that go into each part's footer */
  kept: ThriftStruct
  schema: ThriftStruct[]
  groups: RowGroup[]
  rows: number
}

/** Row groups are read one by one and forgotten, so that the memory of a long footer is that of its bytes. */
function parseFooter(footer: Buffer, fileBytes: number): Footer {
  const reader = new ThriftReader(footer)
  const kept: ThriftStruct = new Map()
  const groups: RowGroup[] = []
  let schema: ThriftStruct[] = []
  let told = -1
  let rows = 0
  reader.eachField((id, type) => {
    if (id === FILE.encryption) throw new BrokenFileError('The Parquet file is encrypted, which is not read.')
    if (id === FILE.rowGroups && type === ThriftType.List) {
      const { length } = reader.listHeader()
      for (let at = 0; at < length; at++) {
        const footerOffset = reader.offset
        const group = groupOf(reader.readStruct(), rows + 1, footerOffset, fileBytes, at)
        rows += group.rows
        if (group.rows > 0) groups.push(group)
      }
      return
    }
    const value = reader.readValue(type)
    if (id === FILE.schema) schema = structs(value)
    else if (id === FILE.rows) told = numberOf(value)
    else if (id === FILE.version || id === FILE.createdBy) kept.set(id, { type, value })
  })
  if (told !== rows)
    throw new BrokenFileError(`The Parquet file is broken: it tells ${told} rows, and its row groups have ${rows}.`)
  return { kept, schema, groups, rows }
}

function groupOf(
  group: ThriftStruct,
  firstRow: number,
  footerOffset: number,
  fileBytes: number,
  index: number,
): RowGroup {
  const rows = numberOf(fieldOf(group, GROUP.rows))
  let bytesEnd = 0
  for (const chunk of structs(fieldOf(group, GROUP.columns))) {
    if (chunk.has(CHUNK.crypto) || chunk.has(CHUNK.encryptedMetaData))
      throw new BrokenFileError('The Parquet file has encrypted columns, which are not read.')
    const { start, bytes } = rangeOf(structOf(fieldOf(chunk, CHUNK.metaData)), fileBytes, index)
    bytesEnd = Math.max(bytesEnd, start + bytes)
  }
  return { firstRow, rows, bytesEnd, footerOffset }
}

/** The dictionary page comes first when there is one; some writers put a 0 there when there is none. */
function rangeOf(column: ThriftStruct, fileBytes: number, group: number): { start: number; bytes: number } {
  const dataPage = numberOf(fieldOf(column, COLUMN.dataPage))
  const dictionaryPage = column.has(COLUMN.dictionaryPage) ? numberOf(fieldOf(column, COLUMN.dictionaryPage)) : 0
  const start = dictionaryPage > 0 && dictionaryPage < dataPage ? dictionaryPage : dataPage
  const bytes = numberOf(fieldOf(column, COLUMN.compressed))
  if (start < MAGIC.length || bytes > fileBytes - TAIL_BYTES - start)
    throw new BrokenFileError(`The Parquet file is broken: row group ${group + 1} lies outside the file.`)
  return { start, bytes }
}

interface SelectedChunk {
  start: number
  bytes: number
  /** the column's description, still with the offsets of the file */
  metaData: ThriftStruct
  column: ParquetColumn
  as: string
}

function selectedChunk(
  group: ThriftStruct,
  { firstRow, rows }: RowGroup,
  column: ParquetColumn,
  as: string,
  fileBytes: number,
): SelectedChunk {
  const chunk = structs(fieldOf(group, GROUP.columns))[column.leaf]
  if (!chunk) throw new ThriftError(`the rows from ${firstRow} have no column ${column.name}`)
  if (chunk.has(CHUNK.filePath))
    throw new BrokenFileError('The Parquet file keeps its columns in other files; send one that has all.')
  const metaData = structOf(fieldOf(chunk, CHUNK.metaData))
  const values = numberOf(fieldOf(metaData, COLUMN.values))
  if (values !== rows)
    throw new BrokenFileError(
      `The Parquet file is broken: column ${column.name} has ${values} values for the ${rows} rows from row ${firstRow}.`,
    )
  return { ...rangeOf(metaData, fileBytes, 0), metaData, column, as }
}

function assemblePart(
  file: FileHandle,
  kept: ThriftStruct,
  schema: ThriftStruct[],
  { rows }: RowGroup,
  selected: SelectedChunk[],
  fileBytes: number,
): ParquetPart {
  const dataBytes = sum(selected.map(({ bytes }) => bytes))
  // Columns that claim the same bytes could make a part of any size.
  if (dataBytes > fileBytes) throw new ThriftError('its columns overlap')
  const footer = footerOfPart(kept, schema, rows, selected)
  const tail = Buffer.concat([footer, Buffer.alloc(4), MAGIC])
  tail.writeUInt32LE(footer.length, footer.length)
  async function* stream(): AsyncGenerator<Buffer> {
    yield MAGIC
    for (const { start, bytes } of selected) {
      const end = start + bytes
      for (let at = start; at < end; at += READ_BYTES) yield await readAt(file, at, Math.min(READ_BYTES, end - at))
    }
    yield tail
  }
  return { bytes: MAGIC.length + dataBytes + tail.length, stream }
}

function footerOfPart(kept: ThriftStruct, schema: ThriftStruct[], rows: number, selected: SelectedChunk[]): Buffer {
  const root = new Map(schema[0]).set(ELEMENT.children, i32(selected.length))
  const leaves = selected.map(({ column, as }) => elementOfPart(schema[column.element]!, column, as))
  let offset = MAGIC.length
  const chunks = selected.map((chunk) => {
    const moved = movedChunk(chunk, offset)
    offset += chunk.bytes
    return moved
  })
  const total = (field: number): bigint =>
    BigInt(sum(selected.map(({ metaData }) => numberOf(fieldOf(metaData, field)))))
  const group: ThriftStruct = new Map<number, ThriftField>([
    [GROUP.columns, list(chunks)],
    [GROUP.totalByteSize, i64(total(COLUMN.uncompressed))],
    [GROUP.rows, i64(BigInt(rows))],
    [GROUP.totalCompressedSize, i64(total(COLUMN.compressed))],
  ])
  const footer: ThriftStruct = new Map([
    ...kept,
    [FILE.schema, list([root, ...leaves])],
    [FILE.rows, i64(BigInt(rows))],
    [FILE.rowGroups, list([group])],
  ])
  return writeThriftStruct(footer)
}

function elementOfPart(element: ThriftStruct, { type }: ParquetColumn, as: string): ThriftStruct {
  const isRaw = isReadRaw(type)
  const kept = new Map([...element].filter(([id]) => !isRaw || !ANNOTATION_FIELDS.has(id)))
  const fixedBytes = fixedBytesOf(type)
  if (fixedBytes) kept.set(ELEMENT.type, i32(FIXED_LEN_BYTE_ARRAY)).set(ELEMENT.typeLength, i32(fixedBytes))
  if (type.kind === 'decimal' && type.maxDigits) setPrecision(kept, type.maxDigits)
  return kept.set(ELEMENT.name, binary(as))
}

/**
 * The engine keeps of a decimal only so many bytes as its precision needs, and cuts or refuses longer ones; a wider one
 * holds all that is stored.
 */
function setPrecision(element: ThriftStruct, digits: number): void {
  element.set(ELEMENT.precision, i32(digits))
  const logical = element.get(ELEMENT.logical)?.value
  const decimal = logical instanceof Map ? logical.get(LOGICAL_DECIMAL) : undefined
  if (!(decimal?.value instanceof Map)) return
  const inner = new Map(decimal.value).set(LOGICAL_DECIMAL_PRECISION, i32(digits))
  const union: ThriftStruct = new Map([[LOGICAL_DECIMAL, { ...decimal, value: inner }]])
  element.set(ELEMENT.logical, { type: ThriftType.Struct, value: union })
}

/** The chunk's description for a file in which its bytes begin at `offset`. */
function movedChunk({ metaData, start, column, as }: SelectedChunk, offset: number): ThriftStruct {
  const moved: ThriftStruct = new Map([...metaData].filter(([id]) => KEPT_COLUMN_FIELDS.has(id)))
  const dataPage = numberOf(fieldOf(metaData, COLUMN.dataPage))
  moved.set(COLUMN.path, list([Buffer.from(as)], ThriftType.Binary))
  moved.set(COLUMN.dataPage, i64(BigInt(dataPage - start + offset)))
  if (fixedBytesOf(column.type)) moved.set(COLUMN.type, i32(FIXED_LEN_BYTE_ARRAY))
  if (start < dataPage) moved.set(COLUMN.dictionaryPage, i64(BigInt(offset)))
  else moved.delete(COLUMN.dictionaryPage)
  return new Map<number, ThriftField>([
    [CHUNK.fileOffset, i64(0n)],
    [CHUNK.metaData, { type: ThriftType.Struct, value: moved }],
  ])
}

async function readAt(file: FileHandle, position: number, length: number): Promise<Buffer> {
  const bytes = Buffer.allocUnsafe(length)
  for (let filled = 0; filled < length;) {
    const { bytesRead } = await file.read(bytes, filled, length - filled, position + filled)
    if (bytesRead === 0) throw new BrokenFileError('The Parquet file ends too early.')
    filled += bytesRead
  }
  return bytes
}

function orBroken<T>(work: () => T): T {
  try {
    return work()
  } catch (error) {
    if (!(error instanceof ThriftError)) throw error
    throw new BrokenFileError(`The Parquet file is broken: in its footer ${error.message}.`, error)
  }
}

function fieldOf(struct: ThriftStruct, id: number): ThriftValue {
  const field = struct.get(id)
  if (!field) throw new ThriftError(`field ${id} is missing`)
  return field.value
}

function structs(value: ThriftValue): ThriftStruct[] {
  if (typeof value === 'bigint' || Buffer.isBuffer(value) || value instanceof Map)
    throw new ThriftError('a list is missing')
  return value.elements.map(structOf)
}

function structOf(value: ThriftValue): ThriftStruct {
  if (!(value instanceof Map)) throw new ThriftError('a struct is missing')
  return value
}

function numberOf(value: ThriftValue): number {
  if (typeof value !== 'bigint' || value < 0n || value > BigInt(Number.MAX_SAFE_INTEGER))
    throw new ThriftError('a number is out of range')
  return Number(value)
}

function sum(numbers: number[]): number {
  return numbers.reduce((total, number) => total + number, 0)
}

const i32 = (value: number): ThriftField => ({ type: ThriftType.I32, value: BigInt(value) })
const i64 = (value: bigint): ThriftField => ({ type: ThriftType.I64, value })
const binary = (text: string): ThriftField => ({ type: ThriftType.Binary, value: Buffer.from(text) })
const list = (elements: ThriftValue[], elementType = ThriftType.Struct): ThriftField => ({
  type: ThriftType.List,
  value: { elementType, elements },
})
