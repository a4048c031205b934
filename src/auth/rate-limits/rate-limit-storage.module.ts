import { Inject, Injectable, Module, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common'
import { HttpAdapterHost } from '@nestjs/core'
import type { ThrottlerStorage } from '@nestjs/throttler'
import { Config } from '../../config/config.js'
import { Notifications } from '../../infrastructure/database/notifications.js'
import { GENERATION_CHANNEL, RateLimitGenerationsRepository } from './rate-limit-generations.repository.js'
import { MemoryRateLimitStorage } from './rate-limit-storage.js'
import { RedisHitStore } from './redis-hit-store.js'
import { SharedRateLimitStorage } from './shared-rate-limit-storage.js'

/** Not ThrottlerStorage itself: ThrottlerModule provides that token, from this one. */
export const RATE_LIMIT_STORAGE = Symbol('rate limits: storage')

function storageOf({ redisUrl }: Config, repository: RateLimitGenerationsRepository): ThrottlerStorage {
  return redisUrl ? new SharedRateLimitStorage(repository, new RedisHitStore(redisUrl)) : new MemoryRateLimitStorage()
}

@Injectable()
class SharedCounting implements OnApplicationBootstrap, OnApplicationShutdown {
  private shared?: SharedRateLimitStorage

  constructor(
    @Inject(RATE_LIMIT_STORAGE) storage: ThrottlerStorage,
    private readonly notifications: Notifications,
    http: HttpAdapterHost,
  ) {
    // A worker has no requests to count.
    if (http.httpAdapter && storage instanceof SharedRateLimitStorage) this.shared = storage
  }

  onApplicationBootstrap(): void {
    if (!this.shared) return
    this.notifications.listen(GENERATION_CHANNEL, () => this.shared?.generationChanged())
    this.shared.start()
  }

  async onApplicationShutdown(): Promise<void> {
    await this.shared?.stop()
  }
}

/** Where requests are counted: shared by all instances when REDIS_URL is set; else this process. */
@Module({
  providers: [
    RateLimitGenerationsRepository,
    { provide: RATE_LIMIT_STORAGE, inject: [Config, RateLimitGenerationsRepository], useFactory: storageOf },
    SharedCounting,
  ],
  exports: [RATE_LIMIT_STORAGE],
})
export class RateLimitStorageModule {}
