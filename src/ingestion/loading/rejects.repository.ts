import { Injectable } from '@nestjs/common'
import type { Readable } from 'node:stream'
import type { PageQuery } from '../../common/pagination.dto.js'
import { ClickHouse } from '../../infrastructure/clickhouse/clickhouse.js'
import { ReplicaRowsService } from '../../infrastructure/clickhouse/replica-rows.js'
import { TableLayout } from '../../infrastructure/clickhouse/table-layout.js'
import type { Reject } from './rejects.js'

const TABLE = 'ingestion_rejects'
/** under ClickHouse's block size, so that a batch lands whole or not at all */
const INSERT_BATCH = 50_000

/** A value in a reason, as JSON writes it. */
const QUOTED = '"(\\\\.|[^"\\\\])*"'

export type StoredReject = Pick<Reject, 'row' | 'line' | 'reason' | 'value'> & { column: string | null; raw: string }

/** Rejected rows that have the same reason but for their value. */
export interface RejectReason {
  /** with `{value}` in the place of a value */
  reason: string
  column: string | null
  count: number
  /** up to EXAMPLES values, shortened */
  examples: string[]
}

const EXAMPLES = 3
const EXAMPLE_CHARACTERS = 100
/** A value as explainRejects puts it into a reason: a JSON string. */
const QUOTED_VALUE = String.raw`"(?:[^"\\]|\\.)*"`
/** Where in a record its JSON is broken; each record has its own place. */
const PLACE = ' at (line [0-9]+, )?character [0-9]+( of the record)?$'
/** SQL: the reason without what only one row has. Where there is no value, quotes are the reason's own. */
const REASON = `replaceRegexpOne(if(value = '', replaceOne(reason, '""', '{value}'),
  replaceRegexpOne(reason, {quoted:String}, '{value}')), {place:String}, '')`

/**
 * Rejected rows in ClickHouse, kept for 30 days. Writing the same rows again changes nothing. On a cluster they are read
 * from all replicas together, so that none is missing because one lags.
 */
@Injectable()
export class RejectsRepository {
  constructor(
    private readonly clickhouse: ClickHouse,
    private readonly layout: TableLayout,
    private readonly replicas: ReplicaRowsService,
  ) {}

  /** In the order of their rows. Throws ClickHouseUnavailableError when a node died that alone had some. */
  async insert(ingestionId: string, rejects: Reject[]): Promise<void> {
    for (let at = 0; at < rejects.length; at += INSERT_BATCH) {
      const lines = rejects.slice(at, at + INSERT_BATCH).map((reject) => rejectCsvLine(ingestionId, reject))
      await this.clickhouse.insert(
        TABLE,
        ['ingestion_id', 'row', 'line', 'column', 'reason', 'value', 'raw', 'csv_record'],
        'CSV',
        Buffer.from(lines.join(''), 'latin1'),
        { settings: { input_format_csv_trim_whitespaces: 0, async_insert: 0 } },
      )
    }
    if (rejects.length > 0) await this.expectReplicated(ingestionId, rejects)
  }

  private async expectReplicated(ingestionId: string, rejects: Reject[]): Promise<void> {
    const where = 'ingestion_id = {id:UUID} AND row BETWEEN {first:UInt64} AND {last:UInt64}'
    const params = { id: ingestionId, first: rejects[0]!.row, last: rejects.at(-1)!.row }
    await this.replicas.expectReplicated({ table: TABLE, where, params, counted: 'uniqExact(row)' }, rejects.length)
  }

  async list(ingestionId: string, { limit, offset }: PageQuery): Promise<{ rows: StoredReject[]; total: number }> {
    const params = { id: ingestionId, limit, offset }
    await this.expectReachable(ingestionId)
    const settings = this.layout.everyNodeSettings
    const [rows, [count]] = await Promise.all([
      this.clickhouse.query<Record<keyof StoredReject, string>>(
        `SELECT row, line, column, reason, value, raw FROM ${this.table} WHERE ingestion_id = {id:UUID}
         ORDER BY row LIMIT 1 BY row LIMIT {limit:UInt32} OFFSET {offset:UInt64}`,
        { params, settings },
      ),
      this.clickhouse.query<{ total: string }>(
        `SELECT uniqExact(row) AS total FROM ${this.table} WHERE ingestion_id = {id:UUID}`,
        { params: { id: ingestionId }, settings },
      ),
    ])
    return { rows: rows.map(fromRow), total: Number(count?.total ?? 0) }
  }

  /** Their reasons with the value taken out, the most frequent first; `total` counts the reasons. */
  async summarize(
    ingestionId: string,
    { limit, offset }: PageQuery,
  ): Promise<{ reasons: RejectReason[]; total: number }> {
    await this.expectReachable(ingestionId)
    const settings = this.layout.everyNodeSettings
    const params = { id: ingestionId, quoted: QUOTED_VALUE, place: PLACE }
    const [rows, [count]] = await Promise.all([
      this.clickhouse.query<{ why: string; column: string; rejected: string; examples: string[] }>(
        `SELECT ${REASON} AS why, column, uniqExact(row) AS rejected,
           arraySort(groupUniqArrayIf(${EXAMPLES})(substringUTF8(value, 1, ${EXAMPLE_CHARACTERS}), value != '')) AS examples
         FROM ${this.table} WHERE ingestion_id = {id:UUID}
         GROUP BY why, column ORDER BY rejected DESC, why, column LIMIT {limit:UInt32} OFFSET {offset:UInt64}`,
        { params: { ...params, limit, offset }, settings },
      ),
      this.clickhouse.query<{ total: string }>(
        `SELECT uniqExact(${REASON}, column) AS total FROM ${this.table} WHERE ingestion_id = {id:UUID}`,
        { params, settings },
      ),
    ])
    const reasons = rows.map(({ why, column, rejected, examples }) => {
      return { reason: why, column: column || null, count: Number(rejected), examples }
    })
    return { reasons, total: Number(count?.total ?? 0) }
  }

  /** By column, some of the rejected values that match the pattern, those with a point first. */
  async findValues(ingestionId: string, pattern: string, limit: number): Promise<Map<string, string[]>> {
    const rows = await this.clickhouse.query<{ column: string; examples: string[] }>(
      `SELECT column, arrayConcat(
         groupUniqArrayIf({limit:UInt32})(value, position(value, '.') > 0),
         groupUniqArrayIf({limit:UInt32})(value, position(value, '.') = 0)) AS examples
       FROM ${this.table} WHERE ingestion_id = {id:UUID} AND column != '' AND match(value, {pattern:String}) GROUP BY column`,
      { params: { id: ingestionId, pattern, limit }, settings: this.layout.everyNodeSettings },
    )
    return new Map(rows.map(({ column, examples }) => [column, examples]))
  }

  /** The most frequent reasons, without the values in them, and how many rows each has. */
  async findFrequentReasons(ingestionId: string, limit: number): Promise<{ reason: string; rows: number }[]> {
    const found = await this.clickhouse.query<{ template: string; rows: string }>(
      `SELECT replaceRegexpAll(reason, {quoted:String}, '…') AS template, uniqExact(row) AS rows FROM ${this.table}
       WHERE ingestion_id = {id:UUID} GROUP BY template ORDER BY rows DESC, template LIMIT {limit:UInt32}`,
      { params: { id: ingestionId, limit, quoted: QUOTED }, settings: this.layout.everyNodeSettings },
    )
    return found.map(({ template, rows }) => ({ reason: template, rows: Number(rows) }))
  }

  /** The rejected records as they stood in the file, a line each: all of them, or a page. */
  async streamRecords(ingestionId: string, page: PageQuery | undefined, signal: AbortSignal): Promise<Readable> {
    await this.expectReachable(ingestionId)
    return this.clickhouse.stream(
      `SELECT concat(if(csv_record = '', raw, csv_record), '\\n') FROM ${this.table} WHERE ingestion_id = {id:UUID}
       ORDER BY row LIMIT 1 BY row ${page ? 'LIMIT {limit:UInt32} OFFSET {offset:UInt64}' : ''}`,
      'RawBLOB',
      { params: { id: ingestionId, ...page }, settings: this.layout.everyNodeSettings, signal },
    )
  }

  private get table(): string {
    return this.layout.onEveryNode(TABLE, { isReplicated: true })
  }

  /** Reading all replicas leaves out those that are away, also when none is left of a shard. */
  private async expectReachable(ingestionId: string): Promise<void> {
    if (!this.layout.isCluster) return
    await this.clickhouse.query(`SELECT count() FROM ${TABLE} WHERE ingestion_id = {id:UUID}`, {
      params: { id: ingestionId },
    })
  }
}

function fromRow(row: Record<keyof StoredReject, string>): StoredReject {
  return { ...row, row: Number(row.row), line: Number(row.line), column: row.column || null }
}

/** Latin-1 text stands for bytes here, so that a record that is not valid UTF-8 is stored as it was sent. */
function rejectCsvLine(ingestionId: string, { row, line, column, reason, value, raw, csvRecord }: Reject): string {
  const texts = [column, reason, value].map((text) => Buffer.from(text).toString('latin1'))
  const quoted = [...texts, raw.toString('latin1'), csvRecord.toString('latin1')].map(
    (text) => `"${text.replaceAll('"', '""')}"`,
  )
  return `${ingestionId},${row},${line},${quoted.join(',')}\n`
}
