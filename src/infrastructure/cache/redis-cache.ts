import { redisInsStore, type RedisStore } from 'cache-manager-ioredis-yet'
import { RedisConnection } from '../redis/redis-connection.js'
import { Cache, MAX_VALUE_BYTES, type CacheServer } from './cache.js'

const TIMEOUT_MS = 250

/** Shared by all instances. Out of reach it is a cache that misses. */
export class RedisCache extends Cache {
  private readonly connection: RedisConnection
  private readonly store: RedisStore

  constructor(url: string) {
    super()
    this.connection = new RedisConnection(url, { purpose: 'its cache', timeoutMs: TIMEOUT_MS })
    this.store = redisInsStore(this.connection.client)
  }

  /** Resolves when the first connection stands or has failed; only tests need to wait for it. */
  settled(): Promise<void> {
    return this.connection.settled()
  }

  override async get(key: string): Promise<Buffer | undefined> {
    const text = await this.connection.tryCommand(() => this.store.get<string>(key))
    return typeof text === 'string' ? Buffer.from(text, 'base64') : undefined
  }

  override async set(key: string, value: Buffer, ttlMs: number): Promise<void> {
    if (value.byteLength > MAX_VALUE_BYTES || ttlMs <= 0) return
    // Base64, because the store's JSON dialect gives some texts a meaning of their own when it reads them back.
    await this.connection.tryCommand(() => this.store.set(key, value.toString('base64'), ttlMs))
  }

  override async delete(key: string): Promise<void> {
    await this.connection.tryCommand(() => this.store.del(key))
  }

  override async isReachable(): Promise<boolean> {
    return (await this.connection.tryCommand(() => this.connection.client.ping())) !== undefined
  }

  /** A hosted one may keep it to itself. */
  override async server(): Promise<CacheServer> {
    const info = (await this.connection.tryCommand(() => this.connection.client.info())) ?? ''
    const usedBytes = /^used_memory:(\d+)/m.exec(info)?.[1]
    return {
      version: /^redis_version:(\S+)/m.exec(info)?.[1] ?? null,
      usedBytes: usedBytes === undefined ? null : Number(usedBytes),
    }
  }

  override async close(): Promise<void> {
    this.connection.close()
  }
}
