import { Injectable, type OnApplicationShutdown } from '@nestjs/common'
import { createClient, type ClickHouseClient, type ClickHouseSettings, type ExecResult } from '@clickhouse/client'
import type { ConnectionParams } from '@clickhouse/client/dist/common/index.js'
import { Readable } from 'node:stream'
import { Config } from '../config/config.js'
import { identifier } from './identifier.js'
import { CLUSTER_SETTINGS } from './table-layout.js'
import { statementRequest } from './statement-request.js'
import { StreamedResult } from './streamed-result.js'
import { toWarehouseError } from './warehouse-error-translation.js'

export interface WarehouseQueryOptions {
  /** bound to `{name:Type}` in the SQL, never written into it */
  params?: Record<string, unknown>
  settings?: ClickHouseSettings
  signal?: AbortSignal
  queryId?: string
}

export interface StreamOptions extends WarehouseQueryOptions {
  /** how long the engine may be silent, at first and between two parts; 15 minutes unless told */
  silenceMs?: number
}

export interface WarehouseSummary {
  readRows: number
  /** of tables, as the statement was planned; it may stop sooner */
  rowsToRead: number
  writtenRows: number
  resultRows: number
}

/**
 * ClickHouse, embedded or a server: the application knows only this client and a URL.
 * Throws WarehouseUnavailableError (503), QueryTimeoutError (504), QueryTooLargeError, QueryAbortedError, or
 * WarehouseError with the engine's code for a statement that it refused.
 */
@Injectable()
export class Warehouse implements OnApplicationShutdown {
  readonly database: string
  private readonly client: ClickHouseClient
  /** what the client has read from CLICKHOUSE_URL, so that results that it does not read come from the same place */
  private readonly connection: ConnectionParams

  constructor(config: Config) {
    this.database = config.clickhouseDatabase
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
  async query<Row>(sql: string, options: WarehouseQueryOptions = {}): Promise<Row[]> {
    const { data } = await this.answer(sql, 'JSONEachRow', {
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
   * A whole result as the engine's own bytes in `format`. The engine answers only when it is done, so that the summary is
   * complete.
   */
  async answer(
    sql: string,
    format: string,
    { params, settings, signal, queryId }: WarehouseQueryOptions = {},
  ): Promise<{ data: Buffer; summary: WarehouseSummary }> {
    return this.translated(async () => {
      const { stream, summary } = await this.client.exec({
        query: `${sql}\nFORMAT ${format}`,
        query_params: params,
        clickhouse_settings: { ...settings, wait_end_of_query: 1 },
        abort_signal: signal,
        query_id: queryId,
      })
      return { data: await collect(stream), summary: summaryOf(summary) }
    }, signal)
  }

  /**
   * The engine's own bytes in `format`, while it still works on them. A failure in the middle is an error of the stream,
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
      translate: (error) => toWarehouseError(error, options.signal),
    })
  }

  /** DDL and other statements without a result. */
  async command(
    sql: string,
    { params, settings, signal, queryId }: WarehouseQueryOptions = {},
  ): Promise<WarehouseSummary> {
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

  /** Hands raw bytes to the engine's parser. The insert is durable when this resolves. */
  async insert(
    table: string,
    columns: string[],
    format: string,
    body: Buffer | Buffer[] | Readable,
    { settings, signal, queryId }: Omit<WarehouseQueryOptions, 'params'> = {},
  ): Promise<WarehouseSummary> {
    return this.translated(async () => {
      const result = await this.client.exec({
        query: `INSERT INTO ${identifier(table)} (${columns.map(identifier).join(', ')}) FORMAT ${format}`,
        values:
          body instanceof Readable ? body : Readable.from(Array.isArray(body) ? body : [body], { objectMode: false }),
        clickhouse_settings: { wait_end_of_query: 1, ...settings },
        abort_signal: signal,
        query_id: queryId,
      })
      result.stream.resume()
      return summaryOf(result.summary)
    }, signal)
  }

  /** Resolves when the engine answers a real query. */
  async ping(): Promise<void> {
    await this.query('SELECT 1')
  }

  async onApplicationShutdown(): Promise<void> {
    await this.client.close()
  }

  private async translated<T>(work: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    try {
      return await work()
    } catch (error) {
      throw toWarehouseError(error, signal)
    }
  }
}

async function collect(stream: Readable): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of stream) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks)
}

function summaryOf(summary: ExecResult<unknown>['summary']): WarehouseSummary {
  return {
    readRows: Number(summary?.read_rows ?? 0),
    rowsToRead: Number(summary?.total_rows_to_read ?? 0),
    writtenRows: Number(summary?.written_rows ?? 0),
    resultRows: Number(summary?.result_rows ?? 0),
  }
}
