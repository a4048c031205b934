import type { FileHandle } from 'node:fs/promises'
import { BrokenFileError } from '../broken-file.error.js'
import {
  binary,
  COLUMN_CHUNK,
  COLUMN_META_DATA,
  fieldOf,
  FILE_META_DATA,
  ROW_GROUP,
  i32,
  i64,
  list,
  numberOf,
  structOf,
  structs,
  sum,
} from './parquet-fields.js'
import { MAGIC, rangeOf, readAt, type RowGroup } from './parquet-footer.js'
import type { ParquetColumn } from './parquet-schema.js'
import { fixedBytesOf, isReadRaw } from './parquet-text.js'
import { SCHEMA_ELEMENT } from './parquet-type.js'
import { ThriftError, ThriftType, writeThriftStruct, type ThriftField, type ThriftStruct } from './thrift-compact.js'

export interface ParquetPart {
  bytes: number
  /** The part's bytes in Buffers of at most 1 MiB; can be called again. */
  stream(): AsyncGenerator<Buffer>
}

/** a converted type */
const DECIMAL = 5
/** a physical type */
const FIXED_LEN_BYTE_ARRAY = 7
/** converted type, scale, precision, logical type */
const ANNOTATION_FIELDS = new Set([6, 7, 8, 10])
/** What a reader needs of a column's description; statistics, page indexes and bloom filters stay behind. */
const KEPT_COLUMN_FIELDS = new Set([1, 2, 3, 4, 5, 6, 7, 9, 11, 13])

const READ_BYTES = 1024 * 1024

/** What a part is made of: the file, what its footer says of all its row groups, and the columns that are wanted. */
export interface PartSource {
  file: FileHandle
  fileBytes: number
  /** the fields that go into each part's footer */
  kept: ThriftStruct
  schema: ThriftStruct[]
  selection: { column: ParquetColumn; as: string }[]
}

/** Row groups of the file, one after the other. */
export type GroupOfPart = RowGroup & { description: ThriftStruct }

interface SelectedChunk {
  start: number
  bytes: number
  /** the column's description, still with the offsets of the file */
  metaData: ThriftStruct
  column: ParquetColumn
  as: string
}

export function assemblePart(source: PartSource, groups: GroupOfPart[]): ParquetPart {
  const selected = groups.map((group) => source.selection.map((each) => selectedChunk(source, group, each)))
  const ranges = selected.flat()
  const dataBytes = sum(ranges.map(({ bytes }) => bytes))
  // Columns that claim the same bytes could make a part of any size.
  if (dataBytes > source.fileBytes) throw new ThriftError('its columns overlap')
  const footer = footerOfPart(
    source,
    groups.map(({ rows }) => rows),
    selected,
  )
  const tail = Buffer.concat([footer, Buffer.alloc(4), MAGIC])
  tail.writeUInt32LE(footer.length, footer.length)
  async function* stream(): AsyncGenerator<Buffer> {
    yield MAGIC
    for (const { start, end } of joined(ranges))
      for (let at = start; at < end; at += READ_BYTES)
        yield await readAt(source.file, at, Math.min(READ_BYTES, end - at))
    yield tail
  }
  return { bytes: MAGIC.length + dataBytes + tail.length, stream }
}

function selectedChunk(
  { fileBytes, schema }: PartSource,
  { firstRow, rows, description }: GroupOfPart,
  { column, as }: PartSource['selection'][number],
): SelectedChunk {
  const chunk = structs(fieldOf(description, ROW_GROUP.columns))[column.leaf]
  if (!chunk) throw new ThriftError(`the rows from ${firstRow} have no column ${column.name}`)
  if (chunk.has(COLUMN_CHUNK.filePath))
    throw new BrokenFileError('The Parquet file keeps its columns in other files; send one that has all.')
  const metaData = structOf(fieldOf(chunk, COLUMN_CHUNK.metaData))
  const values = numberOf(fieldOf(metaData, COLUMN_META_DATA.values))
  if (values !== rows)
    throw new BrokenFileError(
      `The Parquet file is broken: column ${column.name} has ${values} values for the ${rows} rows from row ${firstRow}.`,
    )
  if (fieldOf(metaData, COLUMN_META_DATA.type) !== fieldOf(schema[column.element]!, SCHEMA_ELEMENT.type))
    throw new ThriftError(`column ${column.name} has another type in the rows from ${firstRow} than in the schema`)
  return { ...rangeOf(metaData, fileBytes, 0), metaData, column, as }
}

/** Where one range ends and the next begins the two are read at once. */
function* joined(ranges: { start: number; bytes: number }[]): Generator<{ start: number; end: number }> {
  let last: { start: number; end: number } | undefined
  for (const { start, bytes } of ranges) {
    if (last?.end === start) {
      last.end += bytes
      continue
    }
    if (last) yield last
    last = { start, end: start + bytes }
  }
  if (last) yield last
}

function footerOfPart({ kept, schema, selection }: PartSource, rows: number[], selected: SelectedChunk[][]): Buffer {
  const root = new Map(schema[0]).set(SCHEMA_ELEMENT.children, i32(selection.length))
  const leaves = selection.map(({ column, as }) => elementOfPart(schema[column.element]!, column, as))
  let offset = MAGIC.length
  const groups = selected.map((chunks, index) => {
    const described = groupOfPart(rows[index]!, chunks, offset)
    offset += sum(chunks.map(({ bytes }) => bytes))
    return described
  })
  const footer: ThriftStruct = new Map([
    ...kept,
    [FILE_META_DATA.schema, list([root, ...leaves])],
    [FILE_META_DATA.rows, i64(BigInt(sum(rows)))],
    [FILE_META_DATA.rowGroups, list(groups)],
  ])
  return writeThriftStruct(footer)
}

function groupOfPart(rows: number, chunks: SelectedChunk[], firstOffset: number): ThriftStruct {
  let offset = firstOffset
  const moved = chunks.map((chunk) => {
    offset += chunk.bytes
    return movedChunk(chunk, offset - chunk.bytes)
  })
  const total = (field: number): bigint => BigInt(sum(chunks.map(({ metaData }) => numberOf(fieldOf(metaData, field)))))
  return new Map<number, ThriftField>([
    [ROW_GROUP.columns, list(moved)],
    [ROW_GROUP.totalByteSize, i64(total(COLUMN_META_DATA.uncompressed))],
    [ROW_GROUP.rows, i64(BigInt(rows))],
    [ROW_GROUP.totalCompressedSize, i64(total(COLUMN_META_DATA.compressed))],
  ])
}

function elementOfPart(element: ThriftStruct, { type }: ParquetColumn, as: string): ThriftStruct {
  const isRaw = isReadRaw(type)
  const kept = new Map([...element].filter(([id]) => !isRaw || !ANNOTATION_FIELDS.has(id)))
  const fixedBytes = fixedBytesOf(type)
  if (fixedBytes)
    kept.set(SCHEMA_ELEMENT.type, i32(FIXED_LEN_BYTE_ARRAY)).set(SCHEMA_ELEMENT.typeLength, i32(fixedBytes))
  if (type.kind === 'bytesDecimal')
    kept
      .set(SCHEMA_ELEMENT.converted, i32(DECIMAL))
      .set(SCHEMA_ELEMENT.scale, i32(type.scale))
      .set(SCHEMA_ELEMENT.precision, i32(type.digits))
      .delete(SCHEMA_ELEMENT.logical)
  return kept.set(SCHEMA_ELEMENT.name, binary(as))
}

/** The chunk's description for a file in which its bytes begin at `offset`. */
function movedChunk({ metaData, start, column, as }: SelectedChunk, offset: number): ThriftStruct {
  const moved: ThriftStruct = new Map([...metaData].filter(([id]) => KEPT_COLUMN_FIELDS.has(id)))
  const dataPage = numberOf(fieldOf(metaData, COLUMN_META_DATA.dataPage))
  moved.set(COLUMN_META_DATA.path, list([Buffer.from(as)], ThriftType.Binary))
  moved.set(COLUMN_META_DATA.dataPage, i64(BigInt(dataPage - start + offset)))
  if (fixedBytesOf(column.type)) moved.set(COLUMN_META_DATA.type, i32(FIXED_LEN_BYTE_ARRAY))
  if (start < dataPage) moved.set(COLUMN_META_DATA.dictionaryPage, i64(BigInt(offset)))
  else moved.delete(COLUMN_META_DATA.dictionaryPage)
  return new Map<number, ThriftField>([
    [COLUMN_CHUNK.fileOffset, i64(0n)],
    [COLUMN_CHUNK.metaData, { type: ThriftType.Struct, value: moved }],
  ])
}
