import type { CompiledQuery } from '../compiler/compiler.js'
import type { Endpoint } from '../endpoints/endpoint.js'
import type { CacheLookup } from './query-result-cache.js'
import type { ResponseFormat } from './response-formats.js'
import type { RunningQuery } from './running-queries.js'

/** A query on its way through the guards to the handler. */
export interface QueryExecution {
  readonly query: CompiledQuery
  readonly format: ResponseFormat
  /** execute it on ClickHouse whatever the cache has */
  readonly isFresh: boolean
  /** `performance.now()` */
  readonly startedAt: number
  /** the named query that it is, whose cost and cache time hold in place of the dataset's */
  readonly endpoint?: Pick<Endpoint, 'name' | 'costCredits' | 'cacheSeconds'>
  /** set by QueryPricing for a result as JSON; the other formats are streamed from ClickHouse */
  lookup?: CacheLookup
  /** the slot among the account's running queries; none for a cached result */
  running?: RunningQuery
  /** epoch ms at which ClickHouse gave the result; undefined for one that is prepared or streamed */
  madeAt?: number
}

declare module 'fastify' {
  interface FastifyRequest {
    /** set by QueryGuard on the routes that take a query */
    queryExecution?: QueryExecution
  }
}
