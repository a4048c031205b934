import { Injectable } from '@nestjs/common'
import type { FastifyRequest } from 'fastify'
import { chargeReasonOf } from '../credits/charge-reason.js'
import { OutdatedQuoteError } from '../credits/credits.errors.js'
import { RequestPricing, type Quote } from '../credits/request-pricing.js'
import type { QueryExecution } from './execution/query-execution.js'
import { JSON_RESPONSE } from './execution/response-formats.js'
import { QueryCosts } from './query-costs.js'
import { CostLimitExceededError } from './query.errors.js'
import { QueryResultCache, type CacheLookup } from './execution/query-result-cache.js'
import { RunningQueries } from './execution/running-queries.js'

/**
 * A query costs what QueryCosts says, cached or not; 400 when that is more than its maxCostCredits. Looks for its result, and takes a slot among the account's running
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
    private readonly costs: QueryCosts,
  ) {
    super()
  }

  quote(request: FastifyRequest): Quote | Promise<Quote> {
    const execution = request.queryExecution!
    // Without a charge nothing decides whether a version is the current one.
    if (execution.format !== JSON_RESPONSE || execution.isFresh || request.principal!.userId === null)
      return this.quoteWithVersion(request, execution)
    const lookup = reuseMsOf(execution) ? undefined : this.cache.peek(execution.query)
    const cost =
      lookup && (execution.endpoint?.costCredits ?? this.costs.known(execution.query, JSON_RESPONSE, lookup.version!))
    if (!lookup || !cost) return this.quoteWithVersion(request, execution)
    refuseAbove(execution, cost)
    return this.quoteOfPrepared(execution, lookup, cost)
  }

  /** The dataset's version is checked by the statement that charges: one round trip to PostgreSQL instead of two. */
  private quoteOfPrepared(execution: QueryExecution, lookup: CacheLookup, cost: number): Quote {
    execution.lookup = lookup
    return {
      cost,
      reason: reasonOf(execution),
      isFinal: true,
      condition: { dataset: execution.query.dataset.name, version: lookup.version! },
      cancel: this.forgetOutdated,
    }
  }

  private async quoteWithVersion(request: FastifyRequest, execution: QueryExecution): Promise<Quote> {
    const { query, format, isFresh } = execution
    const cost = execution.endpoint?.costCredits ?? (await this.costs.of(query, format))
    refuseAbove(execution, cost)
    const reason = reasonOf(execution)
    if (format === JSON_RESPONSE) {
      const lookup = await this.cache.find(query, isFresh, reuseMsOf(execution))
      execution.lookup = lookup
      if (lookup.prepared || lookup.result) return { cost, reason, isFinal: true }
    }
    const running = this.running.start(request.principal!, isFresh ? undefined : execution.lookup?.key)
    execution.running = running
    return { cost, reason, isFinal: false, cancel: (error) => running.fail(error) }
  }
}

function reasonOf({ endpoint, query: { dataset } }: QueryExecution): string {
  return chargeReasonOf({ dataset: dataset.name, endpoint: endpoint?.name })
}

function refuseAbove({ query: { maxCostCredits = Infinity } }: QueryExecution, cost: number): void {
  if (cost > maxCostCredits) throw new CostLimitExceededError(cost, maxCostCredits)
}

function reuseMsOf({ endpoint }: QueryExecution): number {
  return (endpoint?.cacheSeconds ?? 0) * 1000
}
