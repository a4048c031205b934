import { Injectable } from '@nestjs/common'
import { hash } from 'node:crypto'
import { Cache } from '../cache/cache.js'
import { Flights } from '../cache/flights.js'
import { Config } from '../config/config.js'
import { DatasetVersions } from '../datasets/dataset-versions.js'
import { QueryAbortedError } from '../warehouse/warehouse.errors.js'
import type { CompiledQuestion } from './compiler.js'
import { withDeadline } from './deadline.js'
import { QueryEngine, type EngineAnswer } from './query-engine.js'

export interface CachedAnswer extends EngineAnswer {
  /** epoch ms at which the cache got it; undefined for an answer that comes from the engine */
  cachedAt: number | undefined
}

/** What the cache says of a question. */
export interface CacheLookup {
  /** undefined when there is nothing to cache */
  key: string | undefined
  /** the dataset's version; undefined when there is nothing to cache */
  version: number | undefined
  answer: CachedAnswer | undefined
}

type AnswerFacts = Omit<CachedAnswer, 'data'>

/**
 * Answers from the cache, else from the engine. The key is the compiled question and the dataset's version as it was
 * when the question came, so that after an ingestion no older answer can be found; the TTL only bounds the memory.
 * Ranges told from today are days in the compiled question, so that tomorrow it has another key.
 */
@Injectable()
export class AnswerCache {
  private readonly ttlMs: number
  private readonly digests = new WeakMap<CompiledQuestion, string>()

  constructor(
    private readonly cache: Cache,
    private readonly flights: Flights,
    private readonly versions: DatasetVersions,
    private readonly engine: QueryEngine,
    private readonly config: Config,
  ) {
    this.ttlMs = config.queryCacheTtlSeconds * 1000
  }

  /** `fresh`: the key alone, for an answer that must be made anew. */
  async find(question: CompiledQuestion, fresh = false): Promise<CacheLookup> {
    if (this.ttlMs === 0) return { key: undefined, version: undefined, answer: undefined }
    const { name } = question.dataset
    const { version } = await this.versions.current(name)
    const key = `answer:${name}:${version}:${this.digestOf(question)}`
    return { key, version, answer: fresh ? undefined : await this.known(key) }
  }

  /**
   * Asks the engine and keeps its answer under the key of a lookup. Those who want the same answer at the same time share
   * one question to the engine, which stops when the last of them has left.
   */
  async fill(
    question: CompiledQuestion,
    key: string | undefined,
    signal: AbortSignal,
    queryId: string,
    fresh = false,
  ): Promise<CachedAnswer> {
    if (!key || fresh) return this.askAndKeep(question, key, signal, queryId)
    const flight = {
      find: () => this.known(key),
      work: (ending: AbortSignal) => this.askAndKeep(question, key, ending, queryId),
    }
    // The engine has a limit of its own; this one is for those who wait for another instance.
    return withDeadline(this.config.queryTimeoutSeconds, signal, (leaving) =>
      this.flights.join(key, leaving, flight).catch((error: unknown) => {
        throw leaving.aborted ? new QueryAbortedError(error) : error
      }),
    )
  }

  private async askAndKeep(
    question: CompiledQuestion,
    key: string | undefined,
    signal: AbortSignal,
    queryId: string,
  ): Promise<CachedAnswer> {
    const answer = { ...(await this.engine.answer(question, signal, queryId)), cachedAt: undefined }
    // Awaited, so that whoever asks when this flight has landed finds it.
    if (key) await this.cache.set(key, encoded(answer), this.ttlMs)
    return answer
  }

  private async known(key: string): Promise<CachedAnswer | undefined> {
    const entry = await this.cache.get(key)
    return entry && decoded(entry)
  }

  private digestOf(question: CompiledQuestion): string {
    const { dataset, sql, params, wantsTotal } = question
    const known = this.digests.get(question)
    const digest = known ?? hash('sha256', JSON.stringify([dataset.name, sql, params, wantsTotal]), 'base64url')
    if (!known) this.digests.set(question, digest)
    return digest
  }
}

/** A line of facts, then the engine's bytes. */
function encoded({ data, ...facts }: CachedAnswer): Buffer {
  const kept: AnswerFacts = { ...facts, cachedAt: Date.now() }
  return Buffer.concat([Buffer.from(`${JSON.stringify(kept)}\n`), data])
}

function decoded(entry: Buffer): CachedAnswer {
  const end = entry.indexOf(0x0a)
  return { ...(JSON.parse(entry.toString('utf8', 0, end)) as AnswerFacts), data: entry.subarray(end + 1) }
}
