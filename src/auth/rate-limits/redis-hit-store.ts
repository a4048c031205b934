import type { Result } from 'ioredis'
import { RedisConnection } from '../../infrastructure/redis/redis-connection.js'
import { HitStore, type CountedHits, type Generation, type NewHits } from './hit-store.js'

const TIMEOUT_MS = 250
/** Of the mark of a generation, renewed all the time. */
const MARK_MS = 60 * 60_000

/**
 * Nothing where the mark of the generation is not there: this Redis is empty, or another one. Else two numbers a bucket.
 */
const ADD = `
if redis.call('exists', KEYS[1]) == 0 then return nil end
local counted = {}
for i = 2, #KEYS do
  local total = redis.call('incrby', KEYS[i], ARGV[2 * i - 3])
  local endsIn = redis.call('pttl', KEYS[i])
  if endsIn <= 0 then
    endsIn = tonumber(ARGV[2 * i - 2])
    redis.call('pexpire', KEYS[i], endsIn)
  end
  counted[2 * i - 3] = total
  counted[2 * i - 2] = endsIn
end
return counted`

declare module 'ioredis' {
  interface RedisCommander<Context> {
    addHits(keyCount: number, ...keysAndArguments: (string | number)[]): Result<number[] | null, Context>
  }
}

/**
 * In Redis, while nothing speaks against its counts: a generation has a mark there, and ends for good with the connection
 * of any instance, since what answers on the next one may be another server, or one that lost what it was told last.
 */
export class RedisHitStore extends HitStore {
  private readonly connection: RedisConnection

  constructor(url: string) {
    super()
    this.connection = new RedisConnection(url, { purpose: 'counting rate limits there', timeoutMs: TIMEOUT_MS })
    this.connection.client.defineCommand('addHits', { lua: ADD })
  }

  onConnectionLost(listener: () => void): void {
    this.connection.client.on('close', listener)
  }

  override async add({ token }: Generation, hits: readonly NewHits[]): Promise<CountedHits[] | undefined> {
    const keys = [markOf(token), ...hits.map(({ bucket }) => `rate:${token}:${bucket}`)]
    const numbers = hits.flatMap(({ count, endsInMs }) => [count, Math.max(1, Math.ceil(endsInMs))])
    const { client } = this.connection
    const counted = await this.connection.tryCommand(() => client.addHits(keys.length, ...keys, ...numbers))
    return counted ? hits.map((_, n) => ({ total: counted[2 * n]!, endsInMs: counted[2 * n + 1]! })) : undefined
  }

  /** Whether the generation's counts can be added to. */
  async holds({ token }: Generation): Promise<boolean> {
    return (await this.connection.tryCommand(() => this.connection.client.pexpire(markOf(token), MARK_MS))) === 1
  }

  /** Makes ready for the counts of a generation; says whether that could be done. */
  async prepare(token: string): Promise<boolean> {
    const { client } = this.connection
    return (await this.connection.tryCommand(() => client.set(markOf(token), 1, 'PX', MARK_MS))) === 'OK'
  }

  /** Whether this Redis can be written to. */
  async isWritable(): Promise<boolean> {
    const { client } = this.connection
    return (await this.connection.tryCommand(() => client.set('rate:probe', 1, 'PX', 1_000))) === 'OK'
  }

  close(): void {
    this.connection.close()
  }
}

function markOf(token: string): string {
  return `rate:${token}`
}
