import type { FileHandle } from 'node:fs/promises'
import {
  COLUMN_CHUNK,
  COLUMN_META_DATA,
  fieldOf,
  i64,
  list,
  numberOf,
  orBroken,
  ROW_GROUP,
  structOf,
  structs,
} from '../formats/parquet/parquet-fields.js'
import { parseFooter, rangeOf, readAt, readFooter, type RowGroup } from '../formats/parquet/parquet-footer.js'
import { assemblePart, type GroupOfPart, type ParquetPart, type PartSource } from '../formats/parquet/parquet-part.js'
import { columnsOf, type ParquetColumn } from '../formats/parquet/parquet-schema.js'
import { ThriftError, ThriftReader, ThriftType, type ThriftStruct } from '../formats/parquet/thrift-compact.js'

/** Field numbers of PageHeader, DataPageHeader and DataPageHeaderV2 in parquet.thrift. */
const PAGE = { bytes: 3, data: 5, dataV2: 8 }
const DATA_PAGE = { values: 1 }

export interface ParquetBeginning {
  columns: ParquetColumn[]
  /** The first pages of a column as a file of their own, in which it is called `as`. */
  firstPages(column: ParquetColumn, as: string): Promise<{ part: ParquetPart; rows: number }>
}

/**
 * The first row group of a file, page by page: a group may be longer than memory, and the pages with the first `rows` of
 * it are not. Throws BrokenFileError.
 */
export async function openFirstPages(file: FileHandle, rows: number, maxBytes: number): Promise<ParquetBeginning> {
  const { size } = await file.stat()
  const footer = await readFooter(file, size)
  const { kept, schema, groups } = orBroken(() => parseFooter(footer, size))
  const { columns } = orBroken(() => columnsOf(schema))
  const [group] = groups
  const source = { file, fileBytes: size, kept, schema }
  return {
    columns,
    firstPages: async (column, as) => {
      const whole = orBroken(() => new ThriftReader(footer, group!.footerOffset).readStruct())
      const cut = await cutGroup(source, { ...group!, description: whole }, column, rows, maxBytes)
      return { rows: cut.rows, part: orBroken(() => assemblePart({ ...source, selection: [{ column, as }] }, [cut])) }
    },
  }
}

/** The group as if the column had only its first pages. */
async function cutGroup(
  { file, fileBytes }: Omit<PartSource, 'selection'>,
  group: GroupOfPart,
  column: ParquetColumn,
  rows: number,
  maxBytes: number,
): Promise<GroupOfPart> {
  const metaData = orBroken(() => metaDataOf(group, column))
  const range = orBroken(() => rangeOf(metaData, fileBytes, 0))
  const bytes = await readAt(file, range.start, Math.min(range.bytes, maxBytes))
  const pages = orBroken(() => pagesOf(bytes, rows))
  // Pages are as long as their writer likes.
  if (pages.values === 0 || pages.values >= group.rows) return group
  return { ...group, rows: pages.values, description: withPages(group, column, metaData, pages) }
}

function metaDataOf(
  { description }: RowGroup & { description: ThriftStruct },
  { leaf, name }: ParquetColumn,
): ThriftStruct {
  const chunk = structs(fieldOf(description, ROW_GROUP.columns))[leaf]
  if (!chunk) throw new ThriftError(`the first row group has no column ${name}`)
  return structOf(fieldOf(chunk, COLUMN_CHUNK.metaData))
}

/** Whole pages from the beginning of a column until they have so many values; a flat column has one for each row. */
function pagesOf(bytes: Buffer, rows: number): { bytes: number; values: number } {
  const found = { bytes: 0, values: 0 }
  while (found.bytes < bytes.length && found.values < rows) {
    const reader = new ThriftReader(bytes, found.bytes)
    const header = reader.readStruct()
    const end = reader.offset + numberOf(fieldOf(header, PAGE.bytes))
    if (end > bytes.length) break
    const data = header.get(PAGE.data) ?? header.get(PAGE.dataV2)
    if (data) found.values += numberOf(fieldOf(structOf(data.value), DATA_PAGE.values))
    found.bytes = end
  }
  return found
}

function withPages(
  { description }: GroupOfPart,
  { leaf }: ParquetColumn,
  metaData: ThriftStruct,
  pages: { bytes: number; values: number },
): ThriftStruct {
  const cut = new Map(metaData)
    .set(COLUMN_META_DATA.values, i64(BigInt(pages.values)))
    .set(COLUMN_META_DATA.compressed, i64(BigInt(pages.bytes)))
  const chunks = structs(fieldOf(description, ROW_GROUP.columns)).map((chunk, at) =>
    at === leaf ? new Map(chunk).set(COLUMN_CHUNK.metaData, { type: ThriftType.Struct, value: cut }) : chunk,
  )
  return new Map(description).set(ROW_GROUP.columns, list(chunks))
}
