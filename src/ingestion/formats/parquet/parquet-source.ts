import type { FileHandle } from 'node:fs/promises'
import { Readable } from 'node:stream'
import { fieldColumn } from '../../mapping/internal-names.js'
import { comparable } from '../../../common/comparable-name.js'
import { HeaderError, type WantedField } from '../../mapping/source-header.js'
import { parquetFault } from './parquet-fault.js'
import type { RowGroup } from './parquet-footer.js'
import { openParquet, type ParquetFile } from './parquet-row-groups.js'
import type { UnreadColumn } from './parquet-schema.js'
import { PARQUET_SETTINGS, parquetText } from './parquet-text.js'
import {
  csvLine,
  MAX_CHUNK_RECORDS,
  MAX_FIELDS,
  type ChunkOptions,
  type RecordChunk,
  type RecordSource,
} from '../record-source.js'

/** so many columns of row groups go into one chunk: each is an object while the chunk is made */
const MAX_DESCRIPTIONS = 20_000
/** in an error */
const MAX_NAMED = 20

/** Row groups are chunks, small ones together; ClickHouse decodes them, so that values of any type come as their text. */
export async function openParquetRecords(file: FileHandle, wanted: WantedField[]): Promise<RecordSource> {
  const parquet = await openParquet(file)
  const header = parquet.columns.map(({ name }) => name)
  if (header.length > MAX_FIELDS)
    throw new HeaderError(`The file has ${header.length} columns; at most ${MAX_FIELDS} are allowed.`)
  refuseUnread(parquet.unreadColumns, wanted)
  if (header.length === 0) throw new HeaderError(nothingToRead(parquet.unreadColumns))
  return {
    header,
    headerRecord: Buffer.from(csvLine(header)),
    input: {
      format: 'Parquet',
      keepsFields: true,
      // ClickHouse prints times in UTC.
      settings: { ...PARQUET_SETTINGS, session_timezone: 'UTC' },
      columns: {
        names: parquet.columns.map((_, field) => partColumn(field)),
        declarations: parquet.columns.flatMap(({ type }, field) => {
          const { clickhouseType, text } = parquetText(type, partColumn(field))
          return [`${partColumn(field)} ${clickhouseType} EPHEMERAL`, `${fieldColumn(field)} String DEFAULT ${text}`]
        }),
      },
      fileFault: (error, chunk) => parquetFault(error, header, chunk),
    },
    numericFields: fieldsOfKinds(parquet, ['integer', 'decimal', 'float']),
    temporalFields: fieldsOfKinds(parquet, ['date', 'timestamp', 'int96']),
    chunks: (options) => chunksOf(parquet, header, options),
  }
}

function fieldsOfKinds({ columns }: ParquetFile, kinds: string[]): Set<number> {
  return new Set(columns.flatMap(({ type }, field) => (kinds.includes(type.kind) ? [field] : [])))
}

/** Name of a column in the parts that ClickHouse gets. */
function partColumn(field: number): string {
  return `p${field}`
}

function refuseUnread(unreadColumns: UnreadColumn[], wanted: WantedField[]): void {
  const names = new Set(wanted.map(({ name }) => comparable(name)))
  const unread = unreadColumns.find(({ name }) => names.has(comparable(name)))
  if (unread)
    throw new HeaderError(`The column "${unread.name}" holds ${unread.holds}; only plain values are supported.`)
}

function nothingToRead(unreadColumns: UnreadColumn[]): string {
  const columns = unreadColumns.slice(0, MAX_NAMED).map(({ name, holds }) => `"${name}" (${holds})`)
  const more = unreadColumns.length > MAX_NAMED ? `, and ${unreadColumns.length - MAX_NAMED} more` : ''
  const those = columns.length > 0 ? `; it has ${columns.join(', ')}${more}` : ''
  return `The Parquet file has no column of plain values, so there is nothing to read${those}.`
}

async function* chunksOf(
  parquet: ParquetFile,
  header: string[],
  { chunkBytes }: ChunkOptions,
): AsyncGenerator<RecordChunk> {
  let index = 0
  for (const groups of together(parquet.groups, chunkBytes, header.length))
    yield chunkOf(parquet, header, index++, groups)
}

/** A row group costs an insert if it goes alone, however small it is. */
function* together(groups: RowGroup[], chunkBytes: number, columns: number): Generator<RowGroup[]> {
  let run: RowGroup[] = []
  const total = { rows: 0, bytes: 0 }
  for (const group of groups) {
    const isFull =
      total.bytes + group.bytes > chunkBytes ||
      total.rows + group.rows > MAX_CHUNK_RECORDS ||
      (run.length + 1) * columns > MAX_DESCRIPTIONS
    if (isFull && run.length > 0) {
      yield run
      run = []
      total.rows = total.bytes = 0
    }
    run.push(group)
    total.rows += group.rows
    total.bytes += group.bytes
  }
  if (run.length > 0) yield run
}

function chunkOf(parquet: ParquetFile, header: string[], index: number, groups: RowGroup[]): RecordChunk {
  const selection = parquet.columns.map((column, field) => ({ column, as: partColumn(field) }))
  return {
    index,
    bytes: Readable.from(parquet.part(groups, selection).stream(), { objectMode: false }),
    firstRow: groups[0]!.firstRow,
    rows: groups.reduce((rows, group) => rows + group.rows, 0),
    bytesEnd: Math.max(...groups.map(({ bytesEnd }) => bytesEnd)),
    fault: () => undefined,
    record: (row, fields = []) => ({ line: row, raw: Buffer.from(asJson(header, fields)) }),
    csvRecord: (_row, fields = []) => Buffer.from(csvLine(fields)),
    release: () => undefined,
  }
}

function asJson(header: string[], fields: string[]): string {
  return JSON.stringify(Object.fromEntries(header.map((name, field) => [name, fields[field] ?? ''])))
}
