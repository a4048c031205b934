import { Global, Module } from '@nestjs/common'
import { IdempotencyRepository } from './idempotency.repository.js'
import { IdempotencyService } from './idempotency.service.js'

/** Idempotency-Key. Global, because @Idempotent() may stand on a route of any module. */
@Global()
@Module({
  providers: [IdempotencyService, IdempotencyRepository],
  exports: [IdempotencyService],
})
export class IdempotencyModule {}
