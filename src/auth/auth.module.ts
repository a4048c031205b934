import { Module } from '@nestjs/common'
import { TypeOrmModule } from '@nestjs/typeorm'
import { ThrottlerModule, type ThrottlerStorage } from '@nestjs/throttler'
import { AuthenticatorService } from '../authenticator.service.js'
import { FailedAttempts } from '../rate-limits/failed-attempts.js'
import { ApiKeyEntity } from './api-key.entity.js'
import { KeysController } from './keys.controller.js'
import { KeysRepository } from './keys.repository.js'
import { KeysService } from './keys.service.js'
import { LiveStreamQuota } from '../live-stream-quota.js'
import { RATE_LIMIT_STORAGE, RateLimitStorageModule } from '../rate-limits/rate-limit-storage.module.js'
import { THROTTLERS } from '../rate-limits/throttlers.js'
import { RequestAuthenticator } from '../request-authenticator.service.js'
import { AuthorizationService } from '../authorization.service.js'
import { TicketsService } from '../tickets/tickets.service.js'
import { RootKeyPrinter, RootKeyService } from './root-key.service.js'
import { SessionController } from '../sessions/session.controller.js'
import { SessionEntity } from '../sessions/session.entity.js'
import { SessionsRepository } from '../sessions/sessions.repository.js'
import { SessionsService } from '../sessions/sessions.service.js'

/** Who calls, what they may do, and how often. */
@Module({
  imports: [
    TypeOrmModule.forFeature([ApiKeyEntity, SessionEntity]),
    ThrottlerModule.forRootAsync({
      imports: [RateLimitStorageModule],
      inject: [RATE_LIMIT_STORAGE],
      useFactory: (storage: ThrottlerStorage) => ({ throttlers: THROTTLERS, storage }),
    }),
  ],
  controllers: [KeysController, SessionController],
  providers: [
    AuthenticatorService,
    FailedAttempts,
    KeysRepository,
    KeysService,
    LiveStreamQuota,
    RequestAuthenticator,
    RootKeyPrinter,
    RootKeyService,
    SessionsRepository,
    SessionsService,
    AuthorizationService,
    TicketsService,
  ],
  exports: [
    RequestAuthenticator,
    AuthenticatorService,
    KeysService,
    LiveStreamQuota,
    AuthorizationService,
    TicketsService,
  ],
})
export class KeysModule {}
