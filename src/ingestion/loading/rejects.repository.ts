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

export type StoredReject = Pick<Reject, 'row' | 'line' | 'reason' | 'value'> & { column: string | null; raw: string }

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
