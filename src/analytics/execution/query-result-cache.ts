import { Injectable } from '@nestjs/common'
import { Cache } from '../../infrastructure/cache/cache.js'
import { SingleFlight } from '../../infrastructure/cache/single-flight.js'
import { Config } from '../../config/config.js'
import { DatasetVersions } from '../../datasets/dataset-versions.js'
import { QueryAbortedError } from '../../infrastructure/clickhouse/clickhouse.errors.js'
import type { CompiledQuery } from '../compiler/compiler.js'
import { withDeadline } from './deadline.js'
import { digestOf } from './query-digest.js'
import { PreparedResponses } from './prepared-responses.js'
import { QueryExecutor, type QueryResult } from './query-executor.js'
import type { ResponseFacts, ResponseTemplate } from './response-template.js'

export interface CachedResult extends QueryResult {
  /** epoch ms at which ClickHouse gave it */
  madeAt: number
  /** epoch ms at which the cache got it; undefined for a result that comes from ClickHouse */
  cachedAt: number | undefined
}

/** What the cache has for a query. */
export interface CacheLookup {
  /** undefined when nothing is cached at all */
  key?: string
  /** how long the result may be reused */
  ttlMs?: number
  /** the dataset's version; undefined when nothing is cached at all, and for a result that outlives a change of the data */
  version?: number
  /** one of the two where there is a result */
  result?: CachedResult
  prepared?: ResponseTemplate
}

type ResultFacts = Omit<CachedResult, 'data'>

/**
 * Results from the cache, else from ClickHouse. The key is the compiled query and the dataset's version as it was when the
 * query came, so that after an ingestion no older result can be found; the TTL only bounds the memory. Relative ranges
 * are days in the compiled query, so that tomorrow it has another key.
 */
@Injectable()
export class QueryResultCache {
  private readonly ttlMs: number
  private readonly prepared: PreparedResponses

  constructor(
    private readonly cache: Cache,
    private readonly singleFlight: SingleFlight,
    private readonly versions: DatasetVersions,
    private readonly executor: QueryExecutor,
    private readonly config: Config,
  ) {
    this.ttlMs = config.queryCacheTtlSeconds * 1000
    this.prepared = new PreparedResponses(this.ttlMs)
  }

  /**
   * The prepared response at once, if there is one for the dataset's last known version. That version may be an old one:
   * the charge decides, in the statement that it takes anyway.
   */
  peek(query: CompiledQuery): CacheLookup | undefined {
    const version = this.ttlMs === 0 ? undefined : this.versions.lastKnown(query.dataset.name)
    const prepared = version === undefined ? undefined : this.prepared.find(query, version)
    return prepared && { version, prepared }
  }

  /** What `peek` gave was of an old version. */
  forgetVersions(): void {
    this.versions.forgetLastKnown()
  }

  /**
   * `fresh`: the key alone, for a result that must be made anew. `reuseMs`: a result of the last so many milliseconds will do,
   * whether or not the data have changed since.
   */
  async find(query: CompiledQuery, fresh = false, reuseMs = 0): Promise<CacheLookup> {
    if (reuseMs > 0) {
      const key = `answer:${query.dataset.name}:for ${reuseMs}:${digestOf(query)}`
      return { key, ttlMs: reuseMs, result: fresh ? undefined : await this.known(key) }
    }
    if (this.ttlMs === 0) return {}
    const { name } = query.dataset
    const { version } = await this.versions.current(name)
    const prepared = fresh ? undefined : this.prepared.find(query, version)
    if (prepared) return { version, prepared }
    const key = `answer:${name}:${version}:${digestOf(query)}`
    return { key, ttlMs: this.ttlMs, version, result: fresh ? undefined : await this.known(key) }
  }

  /**
   * Executes the query and keeps its result as a lookup says. Those who want the same result at the same time share
   * one query of ClickHouse, which stops when the last of them has left.
   */
  async fill(
    query: CompiledQuery,
    lookup: CacheLookup,
    signal: AbortSignal,
    queryId: string,
    fresh = false,
  ): Promise<CachedResult> {
    const { key } = lookup
    if (!key || fresh) return this.executeAndKeep(query, lookup, signal, queryId)
    const flight = {
      find: () => this.known(key),
      work: (ending: AbortSignal) => this.executeAndKeep(query, lookup, ending, queryId),
    }
    // ClickHouse has a limit of its own; this one is for those who wait for another instance.
    return withDeadline(this.config.queryTimeoutSeconds, signal, (leaving) =>
      this.singleFlight.join(key, leaving, flight).catch((error: unknown) => {
        throw leaving.aborted ? new QueryAbortedError(error) : error
      }),
    )
  }

  /** Prepares the response to the same query at the same version of its dataset. */
  prepare(query: CompiledQuery, { version }: CacheLookup, assemble: (facts: ResponseFacts) => Buffer): void {
    if (version !== undefined) this.prepared.keep(query, version, assemble)
  }

  private async executeAndKeep(
    query: CompiledQuery,
    { key, ttlMs }: CacheLookup,
    signal: AbortSignal,
    queryId: string,
  ): Promise<CachedResult> {
    const executed = await this.executor.execute(query, signal, queryId)
    const result = { ...executed, madeAt: Date.now(), cachedAt: undefined }
    // Awaited, so that a request after this flight has completed finds it.
    if (key) await this.cache.set(key, encoded(result), ttlMs!)
    return result
  }

  private async known(key: string): Promise<CachedResult | undefined> {
    const entry = await this.cache.get(key)
    return entry && decoded(entry)
  }
}

/** A line of facts, then ClickHouse's bytes. */
function encoded({ data, ...facts }: CachedResult): Buffer {
  const kept: ResultFacts = { ...facts, cachedAt: Date.now() }
  return Buffer.concat([Buffer.from(`${JSON.stringify(kept)}\n`), data])
}

function decoded(entry: Buffer): CachedResult {
  const end = entry.indexOf(0x0a)
  return { ...(JSON.parse(entry.toString('utf8', 0, end)) as ResultFacts), data: entry.subarray(end + 1) }
}
