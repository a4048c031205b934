import type { FileHandle } from 'node:fs/promises'
import { Readable } from 'node:stream'
import { fieldColumn } from '../rows/row-check.js'
import { comparable, HeaderError, type WantedField } from '../rows/source-header.js'
import { parquetFault } from './parquet-fault.js'
import { openParquet, type ParquetFile, type RowGroup } from './parquet-row-groups.js'
import type { UnreadColumn } from './parquet-schema.js'
import { PARQUET_SETTINGS, parquetText } from './parquet-text.js'
import { csvLine, MAX_FIELDS, type RecordChunk, type RecordSource } from './record-source.js'

/** A row group is a chunk; the engine decodes it, so that values of any type come as their text. */
export async function openParquetRecords(file: FileHandle, wanted: WantedField[]): Promise<RecordSource> {
  const parquet = await openParquet(file)
  const header = parquet.columns.map(({ name }) => name)
  if (header.length > MAX_FIELDS)
    throw new HeaderError(`The file has ${header.length} columns; at most ${MAX_FIELDS} are read.`)
  refuseUnread(parquet.unreadColumns, wanted)
  return {
    header,
    headerRecord: Buffer.from(csvLine(header)),
    input: {
      format: 'Parquet',
      keepsFields: true,
      // The engine prints times in UTC.
      settings: { ...PARQUET_SETTINGS, session_timezone: 'UTC' },
      columns: {
        names: parquet.columns.map((_, field) => partColumn(field)),
        declarations: parquet.columns.flatMap(({ type }, field) => {
          const { engineType, text } = parquetText(type, partColumn(field))
          return [`${partColumn(field)} ${engineType} EPHEMERAL`, `${fieldColumn(field)} String DEFAULT ${text}`]
        }),
      },
      fileFault: (error, chunk) => parquetFault(error, header, chunk),
    },
    chunks: () => chunksOf(parquet, header),
  }
}

/** Name of a column in the parts that the engine gets. */
function partColumn(field: number): string {
  return `p${field}`
}

function refuseUnread(unreadColumns: UnreadColumn[], wanted: WantedField[]): void {
  const names = new Set(wanted.map(({ name }) => comparable(name)))
  const unread = unreadColumns.find(({ name }) => names.has(comparable(name)))
  if (unread) throw new HeaderError(`The column "${unread.name}" holds ${unread.holds}; only plain values are read.`)
}

async function* chunksOf(parquet: ParquetFile, header: string[]): AsyncGenerator<RecordChunk> {
  for (const [index, group] of parquet.groups.entries()) yield chunkOf(parquet, header, index, group)
}

function chunkOf(parquet: ParquetFile, header: string[], index: number, group: RowGroup): RecordChunk {
  const selection = parquet.columns.map((column, field) => ({ column, as: partColumn(field) }))
  return {
    index,
    bytes: Readable.from(parquet.part(group, selection).stream(), { objectMode: false }),
    firstRow: group.firstRow,
    rows: group.rows,
    bytesEnd: group.bytesEnd,
    fault: () => undefined,
    record: (row, fields = []) => ({ line: row, raw: Buffer.from(asJson(header, fields)) }),
    csvRecord: (_row, fields = []) => Buffer.from(csvLine(fields)),
    release: () => undefined,
  }
}

function asJson(header: string[], fields: string[]): string {
  return JSON.stringify(Object.fromEntries(header.map((name, field) => [name, fields[field] ?? ''])))
}
