import { Logger } from '@nestjs/common'
import { redisInsStore, type RedisStore } from 'cache-manager-ioredis-yet'
import { Redis } from 'ioredis'
import { Cache, MAX_VALUE_BYTES } from './cache.js'

const COMMAND_TIMEOUT_MS = 250
/** After a failure nobody tries for so long: a Redis that hangs must not cost every question the timeout. */
const PAUSE_AFTER_FAILURE_MS = 2_000
const KEY_PREFIX = 'countinghouse:'

/** Shared by all instances. Out of reach it is a cache that misses; a warning is logged once per outage. */
export class RedisCache extends Cache {
  private readonly logger = new Logger(RedisCache.name)
  private readonly client: Redis
  private readonly store: RedisStore
  private pausedUntil = 0
  private down = false

  constructor(url: string) {
    super()
    this.client = new Redis(url, {
      keyPrefix: KEY_PREFIX,
      connectTimeout: 2_000,
      commandTimeout: COMMAND_TIMEOUT_MS,
      maxRetriesPerRequest: 1,
      // Without a connection a command fails at once instead of waiting for one.
      enableOfflineQueue: false,
      retryStrategy: (attempt) => Math.min(attempt * 200, 2_000),
    })
    this.client.on('error', (error: Error) => this.failed(error))
    this.store = redisInsStore(this.client)
  }

  /** Resolves when the first connection stands or has failed; only tests need to wait for it. */
  async settled(): Promise<void> {
    if (this.client.status === 'ready') return
    await new Promise<void>((done) => {
      this.client.once('ready', done)
      this.client.once('close', done)
    })
  }

  override async get(key: string): Promise<Buffer | undefined> {
    const text = await this.attempt(() => this.store.get<string>(key))
    return typeof text === 'string' ? Buffer.from(text, 'base64') : undefined
  }

  override async set(key: string, value: Buffer, ttlMs: number): Promise<void> {
    if (value.byteLength > MAX_VALUE_BYTES || ttlMs <= 0) return
    // Base64, because the store's JSON dialect gives some texts a meaning of their own when it reads them back.
    await this.attempt(() => this.store.set(key, value.toString('base64'), ttlMs))
  }

  override async delete(key: string): Promise<void> {
    await this.attempt(() => this.store.del(key))
  }

  override async close(): Promise<void> {
    this.client.disconnect()
  }

  private async attempt<T>(command: () => Promise<T>): Promise<T | undefined> {
    if (Date.now() < this.pausedUntil) return undefined
    try {
      const result = await command()
      this.down = false
      return result
    } catch (error) {
      this.failed(error as Error)
      return undefined
    }
  }

  private failed(error: Error): void {
    // A connection that is not there fails at once, so only one that hangs is worth a pause.
    if (this.client.status === 'ready') this.pausedUntil = Date.now() + PAUSE_AFTER_FAILURE_MS
    if (this.down) return
    this.down = true
    this.logger.warn(`Redis is out of reach, going on without its cache: ${error.message}`)
  }
}
