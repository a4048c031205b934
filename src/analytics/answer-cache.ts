import { Injectable } from '@nestjs/common'
import { createHash } from 'node:crypto'
import { Cache } from '../cache/cache.js'
import { Config } from '../config/config.js'
import { DatasetVersions } from '../datasets/dataset-versions.js'
import type { CompiledQuestion } from './compiler.js'
import { QueryEngine, type EngineAnswer } from './query-engine.js'

export interface CachedAnswer extends EngineAnswer {
  cached: boolean
}

type AnswerFacts = Pick<EngineAnswer, 'returned' | 'total'>

/**
 * Answers from the cache, else from the engine. The key is the compiled question and the dataset's version as it was
 * when the question came, so that after an ingestion no older answer can be found; the TTL only bounds the memory.
 */
@Injectable()
export class AnswerCache {
  private readonly ttlMs: number

  constructor(
    private readonly cache: Cache,
    private readonly versions: DatasetVersions,
    private readonly engine: QueryEngine,
    config: Config,
  ) {
    this.ttlMs = config.queryCacheTtlSeconds * 1000
  }

  async answer(question: CompiledQuestion, signal: AbortSignal, queryId: string): Promise<CachedAnswer> {
    if (this.ttlMs === 0) return { ...(await this.engine.answer(question, signal, queryId)), cached: false }
    const key = await this.keyOf(question)
    const known = await this.cache.get(key)
    if (known) return { ...decoded(known), rowsRead: 0, cached: true }
    const answer = await this.engine.answer(question, signal, queryId)
    // Not awaited: it never throws, and the caller need not wait for the next one's advantage.
    void this.cache.set(key, encoded(answer), this.ttlMs)
    return { ...answer, cached: false }
  }

  private async keyOf({ dataset, sql, params, wantsTotal }: CompiledQuestion): Promise<string> {
    const { version } = await this.versions.current(dataset.name)
    const question = JSON.stringify([dataset.name, sql, params, wantsTotal])
    return `answer:${dataset.name}:${version}:${createHash('sha256').update(question).digest('base64url')}`
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
