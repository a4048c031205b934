import type { FileHandle } from 'node:fs/promises'
import { BrokenFileError } from '../broken-file.error.js'
import {
  COLUMN_CHUNK,
  COLUMN_META_DATA,
  fieldOf,
  FILE_META_DATA,
  ROW_GROUP,
  numberOf,
  structOf,
  structs,
} from './parquet-fields.js'
import { ThriftReader, ThriftType, type ThriftStruct } from './thrift-compact.js'

export interface RowGroup {
  /** number of its first row, counted from 1 */
  firstRow: number
  rows: number
  /** where its data ends in the file */
  bytesEnd: number
  /** of all its columns, as they are stored */
  bytes: number
  /** where its description lies in the footer */
  footerOffset: number
}

export const MAGIC = Buffer.from('PAR1')
const ENCRYPTED_MAGIC = Buffer.from('PARE')
/** magic, footer length, magic */
const FRAME_BYTES = 12
const TAIL_BYTES = 8
const MAX_FOOTER_BYTES = 128 * 1024 * 1024

export async function readFooter(file: FileHandle, size: number): Promise<Buffer> {
  const head = await readAt(file, 0, Math.min(size, MAGIC.length))
  if (head.equals(ENCRYPTED_MAGIC))
    throw new BrokenFileError('Encrypted Parquet files are not supported; write the file without encryption.')
  if (!head.equals(MAGIC)) throw new BrokenFileError('The file is not a Parquet file: it does not begin with PAR1.')
  if (size < FRAME_BYTES) throw new BrokenFileError('The Parquet file ends too early.')
  const tail = await readAt(file, size - TAIL_BYTES, TAIL_BYTES)
  if (tail.subarray(4).equals(ENCRYPTED_MAGIC))
    throw new BrokenFileError('Encrypted Parquet files are not supported; write the file without encryption.')
  if (!tail.subarray(4).equals(MAGIC))
    throw new BrokenFileError('The Parquet file ends too early: it does not end with PAR1.')
  const length = tail.readUInt32LE(0)
  if (length > size - FRAME_BYTES)
    throw new BrokenFileError(`The Parquet file is broken: its footer would have ${length} bytes, more than the file.`)
  if (length > MAX_FOOTER_BYTES)
    throw new BrokenFileError(
      `The Parquet file has a footer of ${length} bytes; at most ${MAX_FOOTER_BYTES} are allowed. Write it with fewer, larger row groups.`,
    )
  return readAt(file, size - TAIL_BYTES - length, length)
}

export interface Footer {
  /** the fields that go into each part's footer */
  kept: ThriftStruct
  schema: ThriftStruct[]
  groups: RowGroup[]
  rows: number
}

/** Row groups are read one by one and forgotten, so that the memory of a long footer is that of its bytes. */
export function parseFooter(footer: Buffer, fileBytes: number): Footer {
  const reader = new ThriftReader(footer)
  const kept: ThriftStruct = new Map()
  const groups: RowGroup[] = []
  let schema: ThriftStruct[] = []
  let declared = -1
  let rows = 0
  reader.eachField((id, type) => {
    if (id === FILE_META_DATA.encryption)
      throw new BrokenFileError('Encrypted Parquet files are not supported; write the file without encryption.')
    if (id === FILE_META_DATA.rowGroups && type === ThriftType.List) {
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
    if (id === FILE_META_DATA.schema) schema = structs(value)
    else if (id === FILE_META_DATA.rows) declared = numberOf(value)
    else if (id === FILE_META_DATA.version || id === FILE_META_DATA.createdBy) kept.set(id, { type, value })
  })
  if (declared !== rows)
    throw new BrokenFileError(
      `The Parquet file is broken: its footer says ${declared} rows, its row groups have ${rows}.`,
    )
  return { kept, schema, groups, rows }
}

function groupOf(
  group: ThriftStruct,
  firstRow: number,
  footerOffset: number,
  fileBytes: number,
  index: number,
): RowGroup {
  const rows = numberOf(fieldOf(group, ROW_GROUP.rows))
  let bytesEnd = 0
  let allBytes = 0
  for (const chunk of structs(fieldOf(group, ROW_GROUP.columns))) {
    if (chunk.has(COLUMN_CHUNK.crypto) || chunk.has(COLUMN_CHUNK.encryptedMetaData))
      throw new BrokenFileError('Encrypted Parquet columns are not supported; write the file without encryption.')
    const { start, bytes } = rangeOf(structOf(fieldOf(chunk, COLUMN_CHUNK.metaData)), fileBytes, index)
    bytesEnd = Math.max(bytesEnd, start + bytes)
    allBytes += bytes
  }
  return { firstRow, rows, bytesEnd, bytes: allBytes, footerOffset }
}

/** The dictionary page comes first when there is one; some writers put a 0 there when there is none. */
export function rangeOf(column: ThriftStruct, fileBytes: number, group: number): { start: number; bytes: number } {
  const dataPage = numberOf(fieldOf(column, COLUMN_META_DATA.dataPage))
  const dictionaryPage = column.has(COLUMN_META_DATA.dictionaryPage)
    ? numberOf(fieldOf(column, COLUMN_META_DATA.dictionaryPage))
    : 0
  const start = dictionaryPage > 0 && dictionaryPage < dataPage ? dictionaryPage : dataPage
  const bytes = numberOf(fieldOf(column, COLUMN_META_DATA.compressed))
  if (start < MAGIC.length || bytes > fileBytes - TAIL_BYTES - start)
    throw new BrokenFileError(`The Parquet file is broken: row group ${group + 1} lies outside the file.`)
  return { start, bytes }
}

export async function readAt(file: FileHandle, position: number, length: number): Promise<Buffer> {
  const bytes = Buffer.allocUnsafe(length)
  for (let filled = 0; filled < length;) {
    const { bytesRead } = await file.read(bytes, filled, length - filled, position + filled)
    if (bytesRead === 0) throw new BrokenFileError('The Parquet file ends too early.')
    filled += bytesRead
  }
  return bytes
}
