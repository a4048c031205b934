import { Injectable } from '@nestjs/common'
import type { FileHandle } from 'node:fs/promises'
import { ClickHouse } from '../../infrastructure/clickhouse/clickhouse.js'
import { BrokenFileError } from '../formats/broken-file.error.js'
import { openParquet, type ParquetFile } from '../formats/parquet/parquet-row-groups.js'
import type { RowGroup } from '../formats/parquet/parquet-footer.js'
import type { ParquetColumn } from '../formats/parquet/parquet-schema.js'
import { PARQUET_SETTINGS, parquetText } from '../formats/parquet/parquet-text.js'
import { HeaderError } from '../mapping/source-header.js'
import { sqlText } from '../mapping/sql-text.js'
import { MAX_SAMPLE_ROWS, type SampleTable } from './sample-table.js'

/** A part goes to ClickHouse within a statement. */
const MAX_PART_BYTES = 24 * 1024 * 1024
const MAX_QUERY_BYTES = 40 * 1024 * 1024
const MAX_SAMPLE_ROWS_OF_PARQUET = 20_000

/** Reads the first rows of a Parquet file as the texts that a load of it has. */
@Injectable()
export class ParquetSample {
  constructor(private readonly clickhouse: ClickHouse) {}

  /** Throws HeaderError and BrokenFileError as the load does. */
  async read(file: FileHandle, sampleBytes: number, maxColumns: number): Promise<SampleTable> {
    const parquet = await openParquet(file)
    if (parquet.columns.length === 0)
      throw new HeaderError('The Parquet file has no column of plain values, so there is nothing to read.')
    const groups = firstGroups(parquet.groups, sampleBytes)
    const texts: string[][] = []
    for (const column of parquet.columns.slice(0, maxColumns)) texts.push(await this.textsOf(parquet, column, groups))
    const fieldsOf = (isSuch: (column: ParquetColumn) => boolean): Set<number> =>
      new Set(parquet.columns.flatMap((column, field) => (isSuch(column) ? [field] : [])))
    const rows = Math.min(...texts.map((column) => column.length))
    return {
      header: parquet.columns.map(({ name }) => name),
      columns: parquet.columns.map((_, field) => (texts[field] ?? []).slice(0, rows)),
      rows,
      isCut: rows < parquet.rows,
      leftOut: 0,
      numericFields: fieldsOf(({ type }) => ['integer', 'decimal', 'bytesDecimal', 'float'].includes(type.kind)),
      doubleFields: fieldsOf(({ type }) => type.kind === 'float'),
      structuredFields: new Set(),
      unread: parquet.unreadColumns,
    }
  }

  /** One column at a time: a statement holds no more than the bytes of one. */
  private async textsOf(parquet: ParquetFile, column: ParquetColumn, groups: RowGroup[]): Promise<string[]> {
    const part = parquet.part(groups, [{ column, as: 'p' }])
    if (part.bytes > MAX_PART_BYTES)
      throw new BrokenFileError(
        `The first row group of the column "${column.name}" has ${part.bytes} bytes; at most ${MAX_PART_BYTES} are looked at. Send a file with smaller row groups as the sample.`,
      )
    const pieces: Buffer[] = []
    for await (const piece of part.stream()) pieces.push(piece)
    const { clickhouseType, text } = parquetText(column.type, 'p')
    const bytes = Buffer.concat(pieces).toString('base64')
    const rows = await this.clickhouse.query<{ text: string }>(
      `SELECT toValidUTF8(${text}) AS text FROM format(Parquet, ${sqlText(`p ${clickhouseType}`)}, base64Decode('${bytes}')) LIMIT ${MAX_SAMPLE_ROWS_OF_PARQUET}`,
      {
        settings: {
          ...PARQUET_SETTINGS,
          session_timezone: 'UTC',
          max_query_size: String(MAX_QUERY_BYTES),
          log_queries: 0,
          max_threads: 1,
        },
      },
    )
    return rows.map((row) => row.text)
  }
}

/** The first one, and those behind it that fit into the sample with it. */
function firstGroups(groups: RowGroup[], sampleBytes: number): RowGroup[] {
  let bytes = 0
  let rows = 0
  const taken = groups.findIndex((group) => {
    bytes += group.bytes
    rows += group.rows
    return bytes > sampleBytes || rows > MAX_SAMPLE_ROWS
  })
  return taken < 0 ? groups : groups.slice(0, Math.max(1, taken))
}
