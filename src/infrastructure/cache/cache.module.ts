import { Global, Module, type OnApplicationShutdown } from '@nestjs/common'
import { Config } from '../../config/config.js'
import { Cache } from './cache.js'
import { SingleFlight } from './single-flight.js'
import { MemoryCache } from './memory-cache.js'
import { MemorySingleFlight } from './memory-single-flight.js'
import { RedisCache } from './redis-cache.js'
import { RedisSingleFlight } from './redis-single-flight.js'

/** One Cache and one SingleFlight for the process: Redis where REDIS_URL is set, else memory. */
@Global()
@Module({
  providers: [
    {
      provide: Cache,
      inject: [Config],
      useFactory: ({ redisUrl }: Config): Cache => (redisUrl ? new RedisCache(redisUrl) : new MemoryCache()),
    },
    {
      provide: SingleFlight,
      inject: [Config],
      useFactory: ({ redisUrl }: Config): SingleFlight =>
        redisUrl ? new RedisSingleFlight(redisUrl) : new MemorySingleFlight(),
    },
  ],
  exports: [Cache, SingleFlight],
})
export class CacheModule implements OnApplicationShutdown {
  constructor(
    private readonly cache: Cache,
    private readonly singleFlight: SingleFlight,
  ) {}

  async onApplicationShutdown(): Promise<void> {
    await this.singleFlight.close()
    await this.cache.close()
  }
}
