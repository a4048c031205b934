import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { Logger } from '@nestjs/common'
import type { Generation } from './hit-store.js'
import { LEASE_MS, type RateLimitGenerationsRepository } from './rate-limit-generations.repository.js'
import type { RedisHitStore } from './redis-hit-store.js'

const HEARTBEAT_INTERVAL_MS = 1_000
const CLEANUP_INTERVAL_MS = 60_000
/** Without PostgreSQL for so long, the generation may be another one; less than what others wait for. */
const TRUSTED_MS = 4_000
const POLL_INTERVAL_MS = 5
/** Longer than the lease of an instance that has died. */
const ENTER_LIMIT_MS = LEASE_MS + 2_000
/** Redis is used again when it could be written to so many times in a row. */
const RECOVERY_PROBES = 2

/**
 * The generation in which this instance counts. All instances are always in the same one: a generation begins in
 * PostgreSQL, each instance brings along what it has counted in the windows that run, and none counts in it before all
 * have left the one before. An instance without a heartbeat for five seconds is not waited for; by then it has
 * stopped to count by itself.
 */
export class RateLimitGenerations {
  /** how many instances there were lately */
  instances = 1
  private readonly logger = new Logger('RateLimits')
  private current?: Generation
  /** the one that it brings its counts to, or has brought them to while others follow */
  private joining?: Generation
  private trustedUntilMs = 0
  private entering?: Promise<Generation | undefined>
  /** the number of the last generation whose counts may be lost or cannot be reached */
  private distrusted = 0
  private reachesRedis = false
  private recoveryProbes = 0
  private lastStore?: Generation['store']
  private tidiedAtMs = 0
  private timer?: NodeJS.Timeout
  private failingSinceMs?: number

  constructor(
    private readonly repository: RateLimitGenerationsRepository,
    private readonly redis: RedisHitStore,
    /** Adds what this instance has counted in running windows to a generation; says whether that could be done. */
    private readonly moveCounts: (generation: Generation) => Promise<boolean>,
  ) {
    redis.onConnectionLost(() => {
      const generation = this.joining ?? this.current
      if (generation?.store === 'redis') void this.leave(generation)
    })
  }

  /** Whether PostgreSQL has not answered for a while; a busy one, or one that fails over, is worth a wait. */
  get isPostgresAway(): boolean {
    return this.failingSinceMs !== undefined && performance.now() - this.failingSinceMs > LEASE_MS
  }

  start(): void {
    void this.enter()
    const next = (): void => {
      this.timer = setTimeout(() => void this.sign().finally(next), HEARTBEAT_INTERVAL_MS).unref()
    }
    next()
  }

  async stop(): Promise<void> {
    clearTimeout(this.timer)
    await this.repository.signOff().catch(() => undefined)
  }

  /** The generation to count in, when all instances are in it. Undefined when PostgreSQL cannot be asked. */
  async entered(): Promise<Generation | undefined> {
    return this.current && this.isCurrent(this.current) ? this.current : this.enter()
  }

  /** Whether what has just been counted in it counts: nobody has begun another one meanwhile. */
  async holds(generation: Generation): Promise<boolean> {
    await this.entered()
    if (this.isCurrent(generation)) return true
    // On a busy machine trust may have ended again: asked from here on, the answer is about the time after the count.
    const entered = await this.enter()
    return entered?.number === generation.number && this.distrusted !== generation.number
  }

  private isCurrent({ number }: Generation): boolean {
    return this.current?.number === number && this.distrusted !== number && performance.now() < this.trustedUntilMs
  }

  /** Begins another generation: counts of this one may be lost or cannot be reached. */
  async leave({ number }: Generation): Promise<void> {
    this.distrust(number)
    await this.enter()
  }

  /** Somebody has begun another generation. */
  changed(): void {
    void (this.entering ?? Promise.resolve()).then(() => this.enter())
  }

  private enter(): Promise<Generation | undefined> {
    this.entering ??= this.tryEnter()
      .catch(() => this.withoutPostgres())
      .finally(() => (this.entering = undefined))
    return this.entering
  }

  private async tryEnter(): Promise<Generation | undefined> {
    let movedTo: number | undefined
    for (const deadline = performance.now() + ENTER_LIMIT_MS; performance.now() < deadline;) {
      const signedAtMs = performance.now()
      const state = await this.repository.signAndRead(this.reachesRedis)
      this.failingSinceMs = undefined
      this.instances = Math.max(1, state.instances)
      if (state.number === this.distrusted) {
        this.current = undefined
        await this.repository.moveToPostgres(state)
      } else if (state.number === this.current?.number) {
        return this.trust(this.current, signedAtMs)
      } else if (state.number !== movedTo) {
        this.current = undefined
        if (await this.moveTo(state)) movedTo = state.number
      } else if (state.behind === 0) {
        return this.trust(state, signedAtMs)
      } else {
        await sleep(POLL_INTERVAL_MS)
      }
    }
    return undefined
  }

  private async moveTo(generation: Generation): Promise<boolean> {
    this.joining = generation
    const isMoved = await this.moveCounts(generation)
    if (isMoved) await this.repository.follow(generation)
    // Some of it may be there, and must not be added twice.
    else this.distrust(generation.number)
    return isMoved
  }

  private distrust(number: number): void {
    this.distrusted = Math.max(this.distrusted, number)
  }

  private trust(generation: Generation, signedAtMs: number): Generation {
    this.current = generation
    this.joining = undefined
    this.trustedUntilMs = signedAtMs + TRUSTED_MS
    this.tell(generation.store)
    return this.current
  }

  /** Nobody can begin another generation then, so the counts in Redis hold as long as nothing is known against them. */
  private withoutPostgres(): Generation | undefined {
    this.failingSinceMs ??= performance.now()
    const { current } = this
    if (current?.store !== 'redis' || current.number === this.distrusted) return undefined
    return this.trust(current, performance.now())
  }

  /** Once a second: a heartbeat, a probe of Redis, and back to it when it has recovered for all. */
  private async sign(): Promise<void> {
    const { current } = this
    const isInRedis = current?.store === 'redis'
    this.reachesRedis = await (isInRedis ? this.redis.holds(current) : this.redis.isWritable())
    this.recoveryProbes = this.reachesRedis && !isInRedis ? this.recoveryProbes + 1 : 0
    if (isInRedis && !this.reachesRedis) this.distrust(current.number)
    const entered = await this.enter()
    if (!entered) return
    await this.moveBack(entered).catch(() => undefined)
    await this.tidy(entered).catch(() => undefined)
  }

  private async moveBack(generation: Generation): Promise<void> {
    if (generation.store === 'redis' || this.recoveryProbes < RECOVERY_PROBES) return
    const token = randomUUID()
    if (!(await this.redis.prepare(token))) return
    await this.repository.moveToRedis(generation, token)
    await this.enter()
  }

  private async tidy(generation: Generation): Promise<void> {
    if (performance.now() - this.tidiedAtMs < CLEANUP_INTERVAL_MS) return
    this.tidiedAtMs = performance.now()
    await this.repository.tidy(generation)
  }

  private tell(store: Generation['store']): void {
    if (this.lastStore === 'redis' && store === 'postgres')
      this.logger.warn('Redis does not respond to an instance: rate limits are counted in PostgreSQL until it does')
    if (this.lastStore === 'postgres' && store === 'redis')
      this.logger.log('Redis responds to all instances: rate limits are counted there')
    this.lastStore = store
  }
}
