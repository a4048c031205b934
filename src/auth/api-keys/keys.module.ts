import { Module } from '@nestjs/common'
import { ThrottlerModule, type ThrottlerStorage } from '@nestjs/throttler'
import { AuthenticatorService } from './authenticator.service.js'
import { FailedAttempts } from './failed-attempts.js'
import { KeysController } from './keys.controller.js'
import { KeysRepository } from './keys.repository.js'
import { KeysService } from './keys.service.js'
import { RATE_LIMIT_STORAGE, RateLimitStorageModule } from './rate-limit-storage.module.js'
import { RateLimitsService } from './rate-limits.service.js'
import { StandingAccess } from './standing-access.service.js'
import { TicketsService } from './tickets.service.js'
import { RootKeyPrinter, RootKeyService } from './root-key.service.js'
import { SessionController } from './session.controller.js'
import { SessionsRepository } from './sessions.repository.js'
import { SessionsService } from './sessions.service.js'

/** Who calls, what he may do, and how often. */
@Module({
  imports: [
    ThrottlerModule.forRootAsync({
      imports: [RateLimitStorageModule],
      inject: [RATE_LIMIT_STORAGE],
      // The limit itself is the caller's; RateLimitsService knows it.
      useFactory: (storage: ThrottlerStorage) => ({ throttlers: [{ name: 'reads', ttl: 60_000, limit: 0 }], storage }),
    }),
  ],
  controllers: [KeysController, SessionController],
  providers: [
    AuthenticatorService,
    FailedAttempts,
    KeysRepository,
    KeysService,
    RateLimitsService,
    RootKeyPrinter,
    RootKeyService,
    SessionsRepository,
    SessionsService,
    StandingAccess,
    TicketsService,
  ],
  exports: [AuthenticatorService, KeysService, RateLimitsService, StandingAccess, TicketsService],
})
export class KeysModule {}
