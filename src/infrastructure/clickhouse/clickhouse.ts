import { Injectable, type OnApplicationShutdown } from '@nestjs/common'
import { createClient, type ClickHouseClient, type ClickHouseSettings, type ExecResult } from '@clickhouse/client'
import type { ConnectionParams } from '@clickhouse/client/dist/common/index.js'
import { Readable } from 'node:stream'
import { Config } from '../../config/config.js'
import { identifier } from './identifier.js'
import { CLUSTER_SETTINGS } from './table-layout.js'
import { statementRequest } from './statement-request.js'
import { StreamedResult } from './streamed-result.js'
import type { StreamOptions, StatementOptions, StatementSummary } from './statement.types.js'
import { toClickHouseError } from './clickhouse-error-translation.js'
import { ClickHouseStatementError, ClickHouseFullError, ClickHouseUnavailableError } from './clickhouse.errors.js'

/**
 * A result that waits for the end of its statement waits in memory, within the limits of the statement. In a file, as is
 * the default, it loses its end on a full disk, and the answer is 200 all the same (seen with ClickHouse 26.7).
 */
const RESULT_IN_MEMORY: ClickHouseSettings = { http_response_buffer_size: String(1024 ** 3) }
/** ClickHouse's code where a table is not there. */
const UNKNOWN_TABLE = 60
const MIN_FREE_BYTES = 16 * 1024 ** 2
/** What may run on a full disk. */
const FREES_ROOM = /^\s*(DROP|KILL|SYSTEM)\b/i

/**
 * ClickHouse, embedded or a server: the application knows only this client and a URL.
 * Throws ClickHouseUnavailableError (503), QueryTimeoutError (504), QueryTooLargeError, QueryAbortedError, or
 * ClickHouseStatementError with ClickHouse's code for a statement that it refused.
 */
@Injectable()
export class ClickHouse implements OnApplicationShutdown {
  readonly database: string
  private readonly client: ClickHouseClient
  private readonly isCluster: boolean
  /** what the client has read from CLICKHOUSE_URL, so that results that it does not read come from the same place */
  private readonly connection: ConnectionParams

  constructor(config: Config) {
    this.database = config.clickhouseDatabase
    this.isCluster = config.clickhouseCluster !== undefined
    this.client = createClient({
      url: config.clickhouseUrl!,
      ...(config.clickhouseUser && { username: config.clickhouseUser }),
      ...(config.clickhousePassword && { password: config.clickhousePassword }),
      database: config.clickhouseDatabase,
      application: 'countinghouse',
      ...(config.clickhouseCluster && { clickhouse_settings: CLUSTER_SETTINGS }),
      max_open_connections: 32,
      request_timeout: 15 * 60_000,
      keep_alive: { enabled: true, idle_socket_ttl: 2_000 },
      log: { level: 127 },
    })
    this.connection = this.client['connectionParams'] as ConnectionParams
  }

  /** A small result as objects; 64-bit integers come as strings, so that none loses digits. */
  async query<Row>(sql: string, options: StatementOptions = {}): Promise<Row[]> {
    const { data } = await this.queryBytes(sql, 'JSONEachRow', {
      ...options,
      settings: {
        output_format_json_quote_64bit_integers: 1,
        output_format_json_quote_decimals: 1,
        ...options.settings,
      },
    })
    return data
      .toString('utf8')
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line) as Row)
  }

  /**
   * A whole result as ClickHouse's own bytes in `format`. ClickHouse answers only when it is done, so that the summary is
   * complete.
   */
  async queryBytes(
    sql: string,
    format: string,
    { params, settings, signal, queryId }: StatementOptions = {},
  ): Promise<{ data: Buffer; summary: StatementSummary }> {
    return this.translated(async () => {
      const { stream, summary } = await this.client.exec({
        query: `${sql}\nFORMAT ${format}`,
        query_params: params,
        clickhouse_settings: { ...RESULT_IN_MEMORY, ...settings, wait_end_of_query: 1 },
        abort_signal: signal,
        query_id: queryId,
      })
      return { data: await collect(stream), summary: summaryOf(summary) }
    }, signal)
  }

  /**
   * ClickHouse's own bytes in `format`, while it still works on them. A failure in the middle is an error of the stream,
   * translated as those that are thrown.
   */
  async stream(
    sql: string,
    format: string,
    { silenceMs = this.connection.request_timeout, ...options }: StreamOptions = {},
  ): Promise<Readable> {
    return StreamedResult.open(statementRequest(this.connection, `${sql}\nFORMAT ${format}`, options), {
      silenceMs,
      signal: options.signal,
      translate: (error) => this.translate(error, options.signal),
    })
  }

  /** DDL and other statements without a result. Throws ClickHouseFullError (503) when there is no room for what it writes. */
  async command(sql: string, { params, settings, signal, queryId }: StatementOptions = {}): Promise<StatementSummary> {
    if (!FREES_ROOM.test(sql)) await this.refuseWhenFull(signal)
    return this.translated(async () => {
      const { summary } = await this.client.command({
        query: sql,
        query_params: params,
        clickhouse_settings: { wait_end_of_query: 1, ...settings },
        abort_signal: signal,
        query_id: queryId,
      })
      return summaryOf(summary)
    }, signal)
  }

  /**
   * Hands raw bytes to ClickHouse's parser. Resolves when ClickHouse has stored them: they survive the end of any process
   * (parts are not synced, so not a power failure).
   */
  async insert(
    table: string,
    columns: string[],
    format: string,
    body: Buffer | Readable,
    { settings, signal, queryId }: Omit<StatementOptions, 'params'> = {},
  ): Promise<StatementSummary> {
    return this.translated(async () => {
      const result = await this.client.exec({
        query: `INSERT INTO ${identifier(table)} (${columns.map(identifier).join(', ')}) FORMAT ${format}`,
        values: body instanceof Readable ? body : Readable.from([body], { objectMode: false }),
        clickhouse_settings: { wait_end_of_query: 1, ...settings },
        abort_signal: signal,
        query_id: queryId,
      })
      result.stream.resume()
      return summaryOf(result.summary)
    }, signal)
  }

  /** Resolves when ClickHouse answers a real query. */
  async ping(): Promise<void> {
    await this.query('SELECT 1')
  }

  async onApplicationShutdown(): Promise<void> {
    await this.client.close()
  }

  /**
   * On a full disk this engine writes empty definitions of tables without a word (seen with ClickHouse 26.7), and then
   * cannot start any more.
   */
  private async refuseWhenFull(signal?: AbortSignal): Promise<void> {
    const [row] = await this.query<{ bytes: string }>('SELECT min(free_space) AS bytes FROM system.disks', {
      signal,
    }).catch((error: unknown) => {
      // A server may keep its disks to itself.
      if (error instanceof ClickHouseStatementError) return []
      throw error
    })
    if (row && Number(row.bytes) < MIN_FREE_BYTES) throw new ClickHouseFullError()
  }

  private async translated<T>(work: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    try {
      return await work()
    } catch (error) {
      throw this.translate(error, signal)
    }
  }

  private translate(error: unknown, signal?: AbortSignal): Error {
    const translated = toClickHouseError(error, signal)
    const isMissing = translated instanceof ClickHouseStatementError && translated.clickhouseCode === UNKNOWN_TABLE
    // A node that has just come back catches up with the tables that were made meanwhile.
    return isMissing && this.isCluster ? new ClickHouseUnavailableError(translated) : translated
  }
}

async function collect(stream: Readable): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of stream) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks)
}

function summaryOf(summary: ExecResult<unknown>['summary']): StatementSummary {
  return {
    readRows: Number(summary?.read_rows ?? 0),
    rowsToRead: Number(summary?.total_rows_to_read ?? 0),
    writtenRows: Number(summary?.written_rows ?? 0),
    resultRows: Number(summary?.result_rows ?? 0),
  }
}
