import { Injectable } from '@nestjs/common'
import { hash } from 'node:crypto'
import { Cache } from '../cache/cache.js'
import { Config } from '../config/config.js'
import { DatasetVersions } from '../datasets/dataset-versions.js'
import type { CompiledQuestion } from './compiler.js'
import { QueryEngine, type EngineAnswer } from './query-engine.js'

export interface CachedAnswer extends EngineAnswer {
  cached: boolean
}

/** What the cache says of a question. */
export interface CacheLookup {
  /** undefined when there is nothing to cache */
  key: string | undefined
  /** the dataset's version; undefined when there is nothing to cache */
  version: number | undefined
  answer: CachedAnswer | undefined
}

type AnswerFacts = Pick<EngineAnswer, 'returned' | 'total'>

/**
 * Answers from the cache, else from the engine. The key is the compiled question and the dataset's version as it was
 * when the question came, so that after an ingestion no older answer can be found; the TTL only bounds the memory.
 */
@Injectable()
export class AnswerCache {
  private readonly ttlMs: number
  private readonly digests = new WeakMap<CompiledQuestion, string>()

  constructor(
    private readonly cache: Cache,
    private readonly versions: DatasetVersions,
    private readonly engine: QueryEngine,
    config: Config,
  ) {
    this.ttlMs = config.queryCacheTtlSeconds * 1000
  }

  async find(question: CompiledQuestion): Promise<CacheLookup> {
    if (this.ttlMs === 0) return { key: undefined, version: undefined, answer: undefined }
    const { name } = question.dataset
    const { version } = await this.versions.current(name)
    const key = `answer:${name}:${version}:${this.digestOf(question)}`
    const known = await this.cache.get(key)
    return { key, version, answer: known && { ...decoded(known), rowsRead: 0, cached: true } }
  }

  /** Asks the engine and keeps its answer under the key of a lookup. */
  async fill(
    question: CompiledQuestion,
    key: string | undefined,
    signal: AbortSignal,
    queryId: string,
  ): Promise<CachedAnswer> {
    const answer = await this.engine.answer(question, signal, queryId)
    // Not awaited: it never throws, and the caller need not wait for the next one's advantage.
    if (key) void this.cache.set(key, encoded(answer), this.ttlMs)
    return { ...answer, cached: false }
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
function encoded({ data, returned, total }: EngineAnswer): Buffer {
  const facts: AnswerFacts = { returned, total }
  return Buffer.concat([Buffer.from(`${JSON.stringify(facts)}\n`), data])
}

function decoded(entry: Buffer): AnswerFacts & { data: Buffer } {
  const end = entry.indexOf(0x0a)
  return { ...(JSON.parse(entry.toString('utf8', 0, end)) as AnswerFacts), data: entry.subarray(end + 1) }
}
