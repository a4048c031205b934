import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { AppError, type ErrorCode } from '../../common/errors/app-error.js'
import { RedisConnection } from '../redis/redis-connection.js'
import { SingleFlight, type Flight } from './single-flight.js'
import { MemorySingleFlight } from './memory-single-flight.js'

/** Work of seconds is at stake, so it is worth a longer wait than a look into the cache. */
const TIMEOUT_MS = 1_000
/** A leader that says nothing for so long has died. */
const LEASE_MS = 3_000
const RENEW_MS = 1_000
/** Long enough for every instance that waits to see it. */
const OUTCOME_MS = 10_000
const FIRST_LOOK_MS = 5
const MAX_POLL_MS = 100

const END_IF_MINE = `if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('del', KEYS[1]) end return 0`
const RENEW_IF_MINE = `if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('pexpire', KEYS[1], ARGV[2]) end return 0`

/** How a flight ended. Of `abandoned` nothing came, so that another instance begins again. */
type Outcome = { end: 'done' | 'abandoned' } | { end: 'failed'; code?: ErrorCode; message: string }

/**
 * Among the callers of all instances. Callers of one instance share a flight there; the instances agree on a
 * leader by a lease, and the others look for what the leader made. Without Redis each instance is on its own.
 */
export class RedisSingleFlight extends SingleFlight {
  private readonly local = new MemorySingleFlight()
  private readonly connection: RedisConnection

  constructor(url: string) {
    super()
    this.connection = new RedisConnection(url, { purpose: 'sharing work between instances', timeoutMs: TIMEOUT_MS })
  }

  /** Resolves when the first connection stands or has failed; only tests need to wait for it. */
  settled(): Promise<void> {
    return this.connection.settled()
  }

  override join<T>(key: string, signal: AbortSignal, { find, work }: Flight<T>): Promise<T> {
    return this.local.join(key, signal, {
      // Looked for with the lease in hand, when nobody else can be about to make it.
      find: async () => undefined,
      work: (ending) => this.amongInstances(`flight:${key}`, ending, { find, work }),
    })
  }

  override async close(): Promise<void> {
    await this.local.close()
    this.connection.close()
  }

  private async amongInstances<T>(lease: string, signal: AbortSignal, flight: Flight<T>): Promise<T> {
    const id = randomUUID()
    for (;;) {
      const leader = await this.takeLease(lease, id)
      if (leader === undefined) return flight.work(signal)
      if (leader === id) return this.lead(lease, id, signal, flight)
      const outcome = await this.follow(lease, leader, signal)
      if (outcome?.end === 'failed') throw errorOf(outcome)
      const made = await flight.find()
      if (made !== undefined) return made
      // It was made and not kept, being too large: taking turns would only make every instance wait.
      if (outcome?.end === 'done') return flight.work(signal)
    }
  }

  /** The id of the leader, which may be ours; undefined when there is no telling. */
  private takeLease(lease: string, id: string): Promise<string | undefined> {
    return this.connection.tryCommand(async () => {
      const taken = await this.connection.client.set(lease, id, 'PX', LEASE_MS, 'NX')
      return taken ? id : ((await this.connection.client.get(lease)) ?? '')
    })
  }

  private async lead<T>(lease: string, id: string, signal: AbortSignal, { find, work }: Flight<T>): Promise<T> {
    const renewal = setInterval(() => void this.renew(lease, id), RENEW_MS)
    let outcome: Outcome = { end: 'abandoned' }
    try {
      const result = (await find()) ?? (await work(signal))
      outcome = { end: 'done' }
      return result
    } catch (error) {
      if (!signal.aborted) outcome = failureOf(error)
      throw error
    } finally {
      clearInterval(renewal)
      await this.end(lease, id, outcome)
    }
  }

  private async renew(lease: string, id: string): Promise<void> {
    await this.connection.tryCommand(() => this.connection.client.eval(RENEW_IF_MINE, 1, lease, id, LEASE_MS))
  }

  private async end(lease: string, id: string, outcome: Outcome): Promise<void> {
    await this.connection.tryCommand(async () => {
      // In this order: who finds no lease any more looks for the outcome.
      await this.connection.client.set(outcomeKey(id), JSON.stringify(outcome), 'PX', OUTCOME_MS)
      await this.connection.client.eval(END_IF_MINE, 1, lease, id)
    })
  }

  /** Waits for the end of another instance's flight; undefined when its leader died or Redis cannot be asked. */
  private async follow(lease: string, leader: string, signal: AbortSignal): Promise<Outcome | undefined> {
    for (let waitMs = FIRST_LOOK_MS; ; waitMs = Math.min(waitMs * 1.5, MAX_POLL_MS)) {
      const seen = await this.connection.tryCommand(() => this.connection.client.mget(lease, outcomeKey(leader)))
      if (seen?.[1]) return JSON.parse(seen[1]) as Outcome
      if (seen?.[0] !== leader) return undefined
      await sleep(waitMs, undefined, { signal })
    }
  }
}

function outcomeKey(id: string): string {
  return `flight-outcome:${id}`
}

/** What callers may read of an error; of others they learn only that there was one. */
function failureOf(error: unknown): Outcome {
  return error instanceof AppError
    ? { end: 'failed', code: error.code, message: error.message }
    : { end: 'failed', message: 'the instance that did the work failed' }
}

function errorOf({ code, message }: Outcome & { end: 'failed' }): Error {
  return code ? new AppError(code, message) : new Error(message)
}
