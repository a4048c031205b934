import { setTimeout as sleep } from 'node:timers/promises'
import { Logger } from '@nestjs/common'
import type { ThrottlerStorage } from '@nestjs/throttler'
import { GroupCommit } from '../../common/group-commit.js'
import type { CountedHits, Generation, HitStore, NewHits } from './hit-store.js'
import { RateLimitGenerations } from './rate-limit-generations.js'
import type { RateLimitGenerationsRepository } from './rate-limit-generations.repository.js'
import { PostgresHitStore } from './postgres-hit-store.js'
import { hitOf } from './rate-limit-storage.js'
import type { RedisHitStore } from './redis-hit-store.js'
import { Windows } from './windows.js'

type Hit = Awaited<ReturnType<ThrottlerStorage['increment']>>

interface LimitedHits extends NewHits {
  limit: number
}

/** What this instance knows of a window. */
interface Known {
  /** or sooner: what is known of it came with an answer, which may have been read late */
  endsAtMs: number
  /** hits within the limit that were counted here; those above it must not take places in the next generation */
  own: number
  /** the last count that was seen in a store */
  seen: number
  /** hits that no store knows of yet */
  owed: number
}

const MAX_BATCH = 1_000
const MAX_WAITING = 100_000
const COUNT_LIMIT_MS = 8_000
/** Before PostgreSQL is asked again. */
const RETRY_DELAY_MS = 20
/** While neither store can be asked, hits try again now and then only. */
const LOCAL_COUNTING_MS = 3_000
/** An outage is told once. */
const LOCAL_LOG_INTERVAL_MS = 30_000
/** Clocks of a store and of this process differ by less; windows are longer. */
const SAME_WINDOW_MS = 100

/**
 * Hits of all instances together: in Redis while every instance can use it, else in PostgreSQL. A limit is held exactly
 * through failovers, restarts and hangs of Redis, since what an answer did not confirm is counted again in the next
 * generation, and only there. Where PostgreSQL is away as well, each instance goes on from the last count that it saw and
 * takes each hit for as many as there are instances, so that it gives away no more than its share of what was left;
 * these hits join the others when a store is back.
 */
export class SharedRateLimitStorage implements ThrottlerStorage {
  private readonly windows = new Windows<Known>()
  private readonly generations: RateLimitGenerations
  private readonly stores: Record<Generation['store'], HitStore>
  private readonly logger = new Logger('RateLimits')
  private localUntilMs = -Infinity
  /** Many hits of a burst are one command. */
  private readonly batches = new GroupCommit<LimitedHits, CountedHits>((hits) => this.count(hits), {
    maxBatch: MAX_BATCH,
    maxWaiting: MAX_WAITING,
  })

  constructor(
    repository: RateLimitGenerationsRepository,
    private readonly redis: RedisHitStore,
  ) {
    this.stores = { redis, postgres: new PostgresHitStore(repository) }
    this.generations = new RateLimitGenerations(repository, redis, (generation) => this.moveCounts(generation))
  }

  start(): void {
    this.generations.start()
  }

  async stop(): Promise<void> {
    await this.generations.stop()
    this.redis.close()
  }

  generationChanged(): void {
    this.generations.changed()
  }

  async increment(key: string, ttlMs: number, limit: number, _blockMs: number, name: string): Promise<Hit> {
    const counted = await this.batches.submit({ bucket: `${name}:${key}`, count: 1, endsInMs: ttlMs, limit })
    return hitOf(counted.total, counted.endsInMs, limit)
  }

  /** Each hit's place in its bucket, in order of arrival. */
  private async count(hits: readonly LimitedHits[]): Promise<CountedHits[]> {
    const sums = sumsOf(hits)
    const shared = await this.countShared(sums)
    const counted = shared ?? this.countAlone(sums)
    const step = shared ? 1 : this.generations.instances
    const byBucket = new Map(sums.map(({ bucket, count }, n) => [bucket, { ...counted[n]!, waiting: count }]))
    return hits.map(({ bucket }) => {
      const sum = byBucket.get(bucket)!
      return { total: sum.total - --sum.waiting * step, endsInMs: sum.endsInMs }
    })
  }

  private async countShared(sums: LimitedHits[]): Promise<CountedHits[] | undefined> {
    if (performance.now() < this.localUntilMs) return undefined
    for (const deadline = performance.now() + COUNT_LIMIT_MS; performance.now() < deadline;) {
      const generation = await this.generations.entered()
      if (!generation) {
        if (this.generations.isPostgresAway) break
        await sleep(RETRY_DELAY_MS)
        continue
      }
      const sentAtMs = performance.now()
      const counted = await this.stores[generation.store].add(generation, this.withOwed(sums))
      if (counted && (await this.generations.holds(generation))) return this.noted(sums, counted, sentAtMs)
      // They may be in there, and must not be added twice.
      await this.generations.leave(generation)
    }
    this.countLocally()
    return undefined
  }

  private countLocally(): void {
    const nowMs = performance.now()
    if (nowMs - this.localUntilMs > LOCAL_LOG_INTERVAL_MS)
      this.logger.warn('Neither Redis nor PostgreSQL counts requests: this instance gives away its share of each limit')
    this.localUntilMs = nowMs + LOCAL_COUNTING_MS
  }

  private withOwed(sums: readonly NewHits[]): NewHits[] {
    const nowMs = performance.now()
    return sums.map((sum) => ({ ...sum, count: sum.count + (this.windows.get(sum.bucket, nowMs)?.owed ?? 0) }))
  }

  private noted(sums: readonly LimitedHits[], counted: readonly CountedHits[], sentAtMs: number): CountedHits[] {
    const nowMs = performance.now()
    return counted.map(({ total, endsInMs }, n) => {
      const { bucket, count, limit } = sums[n]!
      const within = atMost(count, limit - total + count)
      const endsAtMs = nowMs + endsInMs
      const known = this.windows.get(bucket, nowMs)
      // Another window, if it ends later even when the answer was given as soon as it was asked for.
      if (!known || sentAtMs + endsInMs > known.endsAtMs + SAME_WINDOW_MS) {
        const own = within + (known?.owed ?? 0)
        this.windows.begin(bucket, { endsAtMs, own, seen: total, owed: 0 }, nowMs)
        return { total, endsInMs }
      }
      known.endsAtMs = Math.min(known.endsAtMs, endsAtMs)
      known.seen = total
      known.own += within + known.owed
      known.owed = 0
      return { total, endsInMs }
    })
  }

  private countAlone(sums: readonly LimitedHits[]): CountedHits[] {
    const nowMs = performance.now()
    return sums.map(({ bucket, count, endsInMs, limit }) => {
      let known = this.windows.get(bucket, nowMs)
      if (!known) {
        known = { endsAtMs: nowMs + endsInMs, own: 0, seen: 0, owed: 0 }
        this.windows.begin(bucket, known, nowMs)
      }
      const { instances } = this.generations
      const total = known.seen + (known.owed + count) * instances
      known.owed += atMost(count, Math.floor((limit - known.seen) / instances) - known.owed)
      return { total, endsInMs: known.endsAtMs - nowMs }
    })
  }

  private async moveCounts(generation: Generation): Promise<boolean> {
    const nowMs = performance.now()
    const running = this.windows.current(nowMs).filter(([, { own, owed }]) => own + owed > 0)
    for (let from = 0; from < running.length || from === 0; from += MAX_BATCH) {
      const part = running.slice(from, from + MAX_BATCH)
      const hits = part.map(([bucket, { own, owed, endsAtMs }]) => {
        return { bucket, count: own + owed, endsInMs: endsAtMs - nowMs }
      })
      const counted = await this.stores[generation.store].add(generation, hits)
      if (!counted) return false
      part.forEach(([, known], n) => {
        // More may be owed by now.
        known.owed -= hits[n]!.count - known.own
        known.own = hits[n]!.count
        known.seen = counted[n]!.total
        known.endsAtMs = performance.now() + counted[n]!.endsInMs
      })
    }
    return true
  }
}

/** One sum a bucket. */
function sumsOf(hits: readonly LimitedHits[]): LimitedHits[] {
  const sums = new Map<string, LimitedHits>()
  for (const hit of hits) {
    const sum = sums.get(hit.bucket)
    if (sum) {
      sum.count += hit.count
      sum.limit = Math.max(sum.limit, hit.limit)
    } else sums.set(hit.bucket, { ...hit })
  }
  return [...sums.values()]
}

function atMost(count: number, places: number): number {
  return Math.max(0, Math.min(count, places))
}
