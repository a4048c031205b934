import { Injectable } from '@nestjs/common'
import type { Readable } from 'node:stream'
import { AppError } from '../../common/errors/app-error.js'
import { Config } from '../../config/config.js'
import { FinalFreeReads, type TableReading } from '../../datasets/deduplication/final-free-reads.js'
import type { StatementSummary } from '../../infrastructure/clickhouse/statement.types.js'
import { ClickHouse } from '../../infrastructure/clickhouse/clickhouse.js'
import { ClickHouseStatementError } from '../../infrastructure/clickhouse/clickhouse.errors.js'
import { TableLayout } from '../../infrastructure/clickhouse/table-layout.js'
import type { CompiledQuery, Statements } from '../compiler/compiler.js'
import { withDeadline } from './deadline.js'
import { exportSettings, bufferedResultSettings } from './query-settings.js'

/** ClickHouse's code where a decimal does not fit its type. */
const DECIMAL_OVERFLOW = 407

/** The result as ClickHouse's bytes, a JSON array of objects, and what is known of it. */
export interface QueryResult {
  data: Buffer
  returned: number
  total: number | null
  rowsRead: number
}

/** The rows as a JSON array, how many they are, and how many rows ClickHouse read for them. */
interface StatementResult {
  data: Buffer
  rows: number
  rowsRead: number
}

/** Executes queries on ClickHouse. Throws what the client throws; an aborted signal stops the statement. */
@Injectable()
export class QueryExecutor {
  constructor(
    private readonly clickhouse: ClickHouse,
    private readonly layout: TableLayout,
    private readonly reads: FinalFreeReads,
    private readonly config: Config,
  ) {}

  async execute(query: CompiledQuery, signal: AbortSignal, queryId: string): Promise<QueryResult> {
    return withDeadline(this.config.queryTimeoutSeconds, signal, (ending) =>
      withoutOverflow(() => this.executeStatements(query, ending, queryId)),
    )
  }

  /** The result's bytes in another format, while ClickHouse still works on it. */
  async export(query: CompiledQuery, format: string, signal: AbortSignal, queryId: string): Promise<Readable> {
    const settings = exportSettings(this.config, query.columns.length)
    return withoutOverflow(() =>
      this.reads.read(query.dataset, (reading) =>
        this.clickhouse.stream(statementsOf(query, reading).sql, format, {
          params: query.params,
          settings: { ...settings, ...reading.settings },
          silenceMs: this.config.queryTimeoutSeconds * 1000,
          signal,
          queryId: idOf(reading, queryId),
        }),
      ),
    )
  }

  private async executeStatements(query: CompiledQuery, signal: AbortSignal, queryId: string): Promise<QueryResult> {
    const { data, rows, rowsRead } = await this.run('sql', query, signal, queryId)
    const counted = query.wantsTotal ? await this.total(query, rows, signal) : { total: null, rowsRead: 0 }
    return { data, returned: rows, total: counted.total, rowsRead: rowsRead + counted.rowsRead }
  }

  /** How many rows ClickHouse expects to read: for the total once more, although it follows from a page that is not full. */
  async estimateRows(query: CompiledQuery): Promise<number> {
    const statements = query.wantsTotal ? [query.sql, query.totalSql] : [query.sql]
    const estimates = await Promise.all(statements.map((sql) => this.estimateStatement(sql, query)))
    return estimates.reduce((sum, rows) => sum + rows, 0)
  }

  private async estimateStatement(sql: string, { params, dataset }: CompiledQuery): Promise<number> {
    const parts = await this.clickhouse.query<{ rows: string }>(this.layout.estimate(sql, dataset.table), {
      params,
      // Table functions, which name the shards, are refused by `readonly = 1`.
      settings: { ...bufferedResultSettings(this.config), ...(this.layout.isCluster && { readonly: '2' }) },
    })
    return parts.reduce((sum, { rows }) => sum + Number(rows), 0)
  }

  /** The total follows from a page that is not full. */
  private async total(query: CompiledQuery, returned: number, signal: AbortSignal) {
    const { limit = Infinity, offset } = query
    if (returned < limit && (returned > 0 || offset === 0)) return { total: offset + returned, rowsRead: 0 }
    const { data, rowsRead } = await this.run('totalSql', query, signal)
    const [row] = JSON.parse(data.toString()) as { total: number }[]
    return { total: row!.total, rowsRead }
  }

  private run(
    statement: keyof Statements,
    query: CompiledQuery,
    signal: AbortSignal,
    queryId?: string,
  ): Promise<StatementResult> {
    const settings = { ...bufferedResultSettings(this.config), output_format_json_array_of_rows: 1 as const }
    return this.reads.read(query.dataset, async (reading) => {
      const { data, summary } = await this.clickhouse.queryBytes(
        statementsOf(query, reading)[statement],
        'JSONEachRow',
        {
          params: query.params,
          settings: { ...settings, ...reading.settings },
          signal,
          queryId: idOf(reading, queryId),
        },
      )
      return { data, rows: summary.resultRows, rowsRead: this.rowsReadOf(summary, reading) }
    })
  }

  /**
   * A read without FINAL also reads its fingerprint of the parts, one on a cluster how its replicas stand; ClickHouse counts
   * both as rows that it read.
   */
  private rowsReadOf({ readRows, rowsToRead }: StatementSummary, { skipFinal }: TableReading): number {
    return skipFinal || this.layout.isCluster ? Math.min(readRows, rowsToRead) : readRows
  }
}

/** A result that no type holds is refused in words, and costs nothing. */
async function withoutOverflow<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof ClickHouseStatementError) || error.clickhouseCode !== DECIMAL_OVERFLOW) throw error
    throw new AppError(
      'VALIDATION_FAILED',
      'A number of the result has more digits than the format can hold (38 in Parquet and Arrow, 76 elsewhere). Ask for JSON, CSV or NDJSON, or leave out the measure.',
      { cause: error },
    )
  }
}

function statementsOf(query: CompiledQuery, { skipFinal }: TableReading): Statements {
  return skipFinal ? query.withoutFinal : query
}

/** ClickHouse may still know the first read under its id when the second begins. */
function idOf({ attempt }: TableReading, queryId: string | undefined): string | undefined {
  return queryId && attempt > 0 ? `${queryId}-${attempt + 1}` : queryId
}
