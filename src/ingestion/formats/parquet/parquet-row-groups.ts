import type { FileHandle } from 'node:fs/promises'
import { BrokenFileError } from '../broken-file.error.js'
import { orBroken } from './parquet-fields.js'
import { parseFooter, readFooter, type RowGroup } from './parquet-footer.js'
import { assemblePart, type ParquetPart } from './parquet-part.js'
import { columnsOf, type ParquetColumn, type UnreadColumn } from './parquet-schema.js'
import { ThriftReader } from './thrift-compact.js'

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
   * Row groups, which follow each other, as a Parquet file of its own, with only these columns under these names (`as`
   * must differ). The columns' bytes are copied as they are; their description is that of what parquetText reads.
   */
  part(groups: RowGroup[], selection: { column: ParquetColumn; as: string }[]): ParquetPart
}

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
    const part: ParquetFile['part'] = (of, selection) =>
      orBroken(() => {
        const described = of.map((group) => ({
          ...group,
          description: new ThriftReader(footer, group.footerOffset).readStruct(),
        }))
        return assemblePart({ file, fileBytes: size, kept, schema, selection }, described)
      })
    return { columns, unreadColumns, rows, groups, part }
  })
}
