import { Injectable } from '@nestjs/common'
import type { ClickHouseSettings } from '@clickhouse/client'
import type { FileHandle } from 'node:fs/promises'
import { ClickHouse } from '../../infrastructure/clickhouse/clickhouse.js'
import { ClickHouseStatementError } from '../../infrastructure/clickhouse/clickhouse.errors.js'
import { BrokenFileError } from '../formats/broken-file.error.js'
import { parquetFault } from '../formats/parquet/parquet-fault.js'
import { openParquet, type ParquetFile } from '../formats/parquet/parquet-row-groups.js'
import type { RowGroup } from '../formats/parquet/parquet-footer.js'
import type { ParquetColumn } from '../formats/parquet/parquet-schema.js'
import type { ParquetPart } from '../formats/parquet/parquet-part.js'
import { PARQUET_SETTINGS, parquetText } from '../formats/parquet/parquet-text.js'
import { HeaderError } from '../mapping/source-header.js'
import { sqlText } from '../mapping/sql-text.js'
import { openFirstPages } from './parquet-first-pages.js'
import { MAX_SAMPLE_ROWS, type SampleTable } from './sample-table.js'

/** A part goes to ClickHouse within a statement. */
const MAX_PART_BYTES = 24 * 1024 * 1024
const MAX_ROWS = 20_000
/** One more than a text may have, so that it is seen to have too many. */
const MAX_TEXT_CHARACTERS = 1_025
/** as parquetFault knows it */
const PART_COLUMN = 'p0'
const QUERY_SETTINGS: ClickHouseSettings = {
  session_timezone: 'UTC',
  max_query_size: String(40 * 1024 * 1024),
  // A few bytes can be unpacked to any number.
  max_memory_usage: String(1024 ** 3),
  max_execution_time: 30,
  max_threads: 1,
  log_queries: 0,
}

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
    const isLong = groups[0]!.bytes > sampleBytes
    const beginning = isLong ? await openFirstPages(file, MAX_ROWS, MAX_PART_BYTES) : undefined
    const texts: string[][] = []
    for (const column of parquet.columns.slice(0, maxColumns)) {
      const part = beginning ? (await beginning.firstPages(column, PART_COLUMN)).part : partOf(parquet, column, groups)
      texts.push(await this.textsOf(part, column, groups))
    }
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
  private async textsOf(part: ParquetPart, column: ParquetColumn, groups: RowGroup[]): Promise<string[]> {
    if (part.bytes > MAX_PART_BYTES)
      throw new BrokenFileError(
        `The first pages of the column "${column.name}" have ${part.bytes} bytes; at most ${MAX_PART_BYTES} are looked at. Send a file with smaller row groups as the sample.`,
      )
    const pieces: Buffer[] = []
    for await (const piece of part.stream()) pieces.push(piece)
    const bytes = Buffer.concat(pieces).toString('base64')
    const first = { firstRow: groups[0]!.firstRow, rows: groups.reduce((rows, group) => rows + group.rows, 0) }
    return this.query(column, bytes).catch((error: unknown) => {
      const fault = error instanceof ClickHouseStatementError && parquetFault(error, [column.name], first)
      throw fault || error
    })
  }

  /** Long texts are cut: what is told of a text needs no more of it. */
  private async query(column: ParquetColumn, bytes: string): Promise<string[]> {
    const { clickhouseType, text } = parquetText(column.type, PART_COLUMN)
    const structure = sqlText(`${PART_COLUMN} ${clickhouseType}`)
    const rows = await this.clickhouse.query<{ text: string }>(
      `SELECT substringUTF8(toValidUTF8(${text}), 1, ${MAX_TEXT_CHARACTERS}) AS text
       FROM format(Parquet, ${structure}, base64Decode('${bytes}')) LIMIT ${MAX_ROWS}`,
      { settings: { ...PARQUET_SETTINGS, ...QUERY_SETTINGS } },
    )
    return rows.map((row) => row.text)
  }
}

function partOf(parquet: ParquetFile, column: ParquetColumn, groups: RowGroup[]): ParquetPart {
  return parquet.part(groups, [{ column, as: PART_COLUMN }])
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
