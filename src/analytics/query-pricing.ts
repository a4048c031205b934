import { Injectable } from '@nestjs/common'
import type { FastifyRequest } from 'fastify'
import { Config } from '../config/config.js'
import { OutdatedQuoteError } from '../credits/credits.errors.js'
import { RequestPricing, type Quote } from '../credits/request-pricing.js'
import type { QueryExecution } from './execution/query-execution.js'
import { JSON_RESPONSE } from './execution/response-formats.js'
import { QueryResultCache, type CacheLookup } from './execution/query-result-cache.js'
import { RunningQueries } from './execution/running-queries.js'

/** as the ledger tells it */
const REASON = 'query'

/**
 * A query costs QUERY_COST_CREDITS, cached or not. Looks for its result, and takes a slot among the account's running
 * queries (429 when all are taken) for one that ClickHouse must execute.
 */
@Injectable()
export class QueryPricing extends RequestPricing {
  private readonly forgetOutdated = (error: unknown): void => {
    if (error instanceof OutdatedQuoteError) this.cache.forgetVersions()
  }

  constructor(
    private readonly cache: QueryResultCache,
    private readonly running: RunningQueries,
    private readonly config: Config,
  ) {
    super()
  }

  quote(request: FastifyRequest): Quote | Promise<Quote> {
    const execution = request.queryExecution!
    if (execution.format !== JSON_RESPONSE || execution.isFresh || !this.isPaid(request))
      return this.quoteWithVersion(request, execution)
    const lookup = this.cache.peek(execution.query)
    return lookup ? this.quoteOfPrepared(execution, lookup) : this.quoteWithVersion(request, execution)
  }

  /** Without a charge nothing decides whether a version is the current one. */
  private isPaid({ principal }: FastifyRequest): boolean {
    return principal!.userId !== null && this.config.queryCostCredits > 0
  }

  /** The dataset's version is checked by the statement that charges: one round trip to PostgreSQL instead of two. */
  private quoteOfPrepared(execution: QueryExecution, lookup: CacheLookup): Quote {
    execution.lookup = lookup
    return {
      cost: this.config.queryCostCredits,
      reason: REASON,
      isFinal: true,
      condition: { dataset: execution.query.dataset.name, version: lookup.version! },
      cancel: this.forgetOutdated,
    }
  }

  private async quoteWithVersion(request: FastifyRequest, execution: QueryExecution): Promise<Quote> {
    const { query, format, isFresh } = execution
    const cost = this.config.queryCostCredits
    if (format === JSON_RESPONSE) {
      const lookup = await this.cache.find(query, isFresh)
      execution.lookup = lookup
      if (lookup.prepared || lookup.result) return { cost, reason: REASON, isFinal: true }
    }
    const running = this.running.start(request.principal!, isFresh ? undefined : execution.lookup?.key)
    execution.running = running
    return { cost, reason: REASON, isFinal: false, cancel: (error) => running.fail(error) }
  }
}
