import { Global, Module, type OnApplicationShutdown } from '@nestjs/common'
import { Config } from '../config/config.js'
import { Cache } from './cache.js'
import { MemoryCache } from './memory-cache.js'
import { RedisCache } from './redis-cache.js'

/** One Cache for the process: Redis where REDIS_URL is set, else memory. */
@Global()
@Module({
  providers: [
    {
      provide: Cache,
      inject: [Config],
      useFactory: ({ redisUrl }: Config): Cache => (redisUrl ? new RedisCache(redisUrl) : new MemoryCache()),
    },
  ],
  exports: [Cache],
})
export class CacheModule implements OnApplicationShutdown {
  constructor(private readonly cache: Cache) {}

  async onApplicationShutdown(): Promise<void> {
    await this.cache.close()
  }
}
