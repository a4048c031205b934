import { Inject, Injectable, Logger, Module, type OnApplicationShutdown } from '@nestjs/common'
import { ThrottlerStorageRedisService } from '@nest-lab/throttler-storage-redis'
import { ThrottlerStorage } from '@nestjs/throttler'
import { Redis } from 'ioredis'
import { Config } from '../config/config.js'
import { FallbackRateLimitStorage, MemoryRateLimitStorage } from './rate-limit-storage.js'

/** Not ThrottlerStorage itself: ThrottlerModule provides that token, from this one. */
export const RATE_LIMIT_STORAGE = Symbol('rate limits: storage')
const REDIS = Symbol('rate limits: Redis')
const REDIS_TIMEOUT_MS = 250

/** Fails fast: a limit is not worth a request's time when Redis is away. */
function connect(config: Config): Redis | null {
  if (!config.redisUrl) return null
  const redis = new Redis(config.redisUrl, {
    keyPrefix: 'countinghouse:rate:',
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    connectTimeout: 2_000,
    commandTimeout: REDIS_TIMEOUT_MS,
    retryStrategy: (attempt) => Math.min(attempt * 200, 2_000),
  })
  // Without a listener ioredis prints each failed attempt; the storage warns now and then.
  redis.on('error', (error) => new Logger('RateLimits').debug(String(error)))
  return redis
}

function storageOf(redis: Redis | null): ThrottlerStorage {
  const memory = new MemoryRateLimitStorage()
  return redis ? new FallbackRateLimitStorage(new ThrottlerStorageRedisService(redis), memory) : memory
}

@Injectable()
class RedisCloser implements OnApplicationShutdown {
  constructor(@Inject(REDIS) private readonly redis: Redis | null) {}

  onApplicationShutdown(): void {
    this.redis?.disconnect(false)
  }
}

/** Where requests are counted: Redis, shared by all instances, when REDIS_URL is set; else this process. */
@Module({
  providers: [
    { provide: REDIS, inject: [Config], useFactory: connect },
    { provide: RATE_LIMIT_STORAGE, inject: [REDIS], useFactory: storageOf },
    RedisCloser,
  ],
  exports: [RATE_LIMIT_STORAGE],
})
export class RateLimitStorageModule {}
