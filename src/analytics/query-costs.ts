import { Injectable } from '@nestjs/common'
import { Config } from '../config/config.js'
import { DatasetVersions } from '../datasets/dataset-versions.js'
import { Cache } from '../infrastructure/cache/cache.js'
import { SingleFlight } from '../infrastructure/cache/single-flight.js'
import type { CompiledQuery } from './compiler/compiler.js'
import { digestOf } from './execution/query-digest.js'
import { QueryExecutor } from './execution/query-executor.js'
import { JSON_RESPONSE, type ResponseFormat } from './execution/response-formats.js'

const MILLION = 1_000_000
/** A dry-run's price holds for at least that long while its dataset does not change. */
const ESTIMATE_TTL_MS = 3_600_000

/**
 * What a query costs: its dataset's price for a query or an export, else QUERY_COST_CREDITS; and, where the price says so,
 * credits for each begun million of the rows that ClickHouse expects to read. The same query costs the same as long as its
 * dataset has not changed, cached or not: ClickHouse would expect fewer rows after a merge, so its first word at a version of
 * the dataset is kept, where all instances that share a cache find it.
 */
@Injectable()
export class QueryCosts {
  private readonly estimates = new WeakMap<CompiledQuery, { version: number; rows: number }>()

  constructor(
    private readonly executor: QueryExecutor,
    private readonly cache: Cache,
    private readonly singleFlight: SingleFlight,
    private readonly versions: DatasetVersions,
    private readonly config: Config,
  ) {}

  /** Without asking ClickHouse: undefined when it must be asked. */
  known(query: CompiledQuery, format: ResponseFormat, version: number): number | undefined {
    if (!this.perMillionRows(query)) return this.base(query, format)
    const estimate = this.estimates.get(query)
    return estimate?.version === version ? this.withRows(query, format, estimate.rows) : undefined
  }

  async of(query: CompiledQuery, format: ResponseFormat = JSON_RESPONSE): Promise<number> {
    if (!this.perMillionRows(query)) return this.base(query, format)
    return this.withRows(query, format, await this.estimatedRows(query))
  }

  /** How many rows ClickHouse expects to read: the same that the price counts. */
  async estimatedRows(query: CompiledQuery): Promise<number> {
    const { version } = await this.versions.current(query.dataset.name)
    const known = this.estimates.get(query)
    if (known?.version === version) return known.rows
    const rows = await this.sharedEstimate(query, `estimate:${query.dataset.name}:${version}:${digestOf(query)}`)
    this.estimates.set(query, { version, rows })
    return rows
  }

  private sharedEstimate(query: CompiledQuery, key: string): Promise<number> {
    const find = async (): Promise<number | undefined> => {
      const kept = await this.cache.get(key)
      return kept && Number(kept.toString())
    }
    const work = async (): Promise<number> => {
      const rows = await this.executor.estimateRows(query)
      await this.cache.set(key, Buffer.from(String(rows)), ESTIMATE_TTL_MS)
      return rows
    }
    return this.singleFlight.join(key, new AbortController().signal, { find, work })
  }

  /** Credits for each begun million of the rows to be read. */
  perMillionRows({ dataset }: CompiledQuery): number {
    return dataset.price?.perMillionRows ?? 0
  }

  /** Without what the rows to be read may cost. */
  base({ dataset: { price } }: CompiledQuery, format: ResponseFormat = JSON_RESPONSE): number {
    const own = format === JSON_RESPONSE ? price?.query : price?.export
    return own ?? this.config.queryCostCredits
  }

  private withRows(query: CompiledQuery, format: ResponseFormat, rows: number): number {
    return this.base(query, format) + this.perMillionRows(query) * Math.ceil(rows / MILLION)
  }
}
