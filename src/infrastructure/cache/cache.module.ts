import { Global, Module, type OnApplicationShutdown } from '@nestjs/common'
import { Config } from '../config/config.js'
import { Cache } from './cache.js'
import { Flights } from './flights.js'
import { MemoryCache } from './memory-cache.js'
import { MemoryFlights } from './memory-flights.js'
import { RedisCache } from './redis-cache.js'
import { RedisFlights } from './redis-flights.js'

/** One Cache and one Flights for the process: Redis where REDIS_URL is set, else memory. */
@Global()
@Module({
  providers: [
    {
      provide: Cache,
      inject: [Config],
      useFactory: ({ redisUrl }: Config): Cache => (redisUrl ? new RedisCache(redisUrl) : new MemoryCache()),
    },
    {
      provide: Flights,
      inject: [Config],
      useFactory: ({ redisUrl }: Config): Flights => (redisUrl ? new RedisFlights(redisUrl) : new MemoryFlights()),
    },
  ],
  exports: [Cache, Flights],
})
export class CacheModule implements OnApplicationShutdown {
  constructor(
    private readonly cache: Cache,
    private readonly flights: Flights,
  ) {}

  async onApplicationShutdown(): Promise<void> {
    await this.flights.close()
    await this.cache.close()
  }
}
