import { Injectable } from '@nestjs/common'
import { Config } from '../config/config.js'
import { DatasetVersions } from '../datasets/dataset-versions.js'
import type { CompiledQuery } from './compiler/compiler.js'
import { QueryExecutor } from './execution/query-executor.js'
import { JSON_RESPONSE, type ResponseFormat } from './execution/response-formats.js'

const MILLION = 1_000_000

/**
 * What a query costs: its dataset's price for a query or an export, else QUERY_COST_CREDITS; and, where the price says so,
 * credits for each begun million of the rows that ClickHouse expects to read. The same query costs the same as long as its
 * dataset has not changed, cached or not.
 */
@Injectable()
export class QueryCosts {
  private readonly estimates = new WeakMap<CompiledQuery, { version: number; rows: number }>()

  constructor(
    private readonly executor: QueryExecutor,
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
    const { version } = await this.versions.current(query.dataset.name)
    const known = this.known(query, format, version)
    if (known !== undefined) return known
    const rows = await this.executor.estimateRows(query)
    this.estimates.set(query, { version, rows })
    return this.withRows(query, format, rows)
  }

  private perMillionRows({ dataset }: CompiledQuery): number {
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
