import { Module } from '@nestjs/common'
import { TypeOrmModule } from '@nestjs/typeorm'
import { ThrottlerModule, type ThrottlerStorage } from '@nestjs/throttler'
import { AccessPoliciesService } from './access/access-policies.service.js'
import { KeyAuthenticator } from './key-authenticator.service.js'
import { FailedAttempts } from './rate-limits/failed-attempts.js'
import { ApiKeyEntity } from './api-keys/api-key.entity.js'
import { KeysController } from './api-keys/keys.controller.js'
import { KeysRepository } from './api-keys/keys.repository.js'
import { KeysService } from './api-keys/keys.service.js'
import { LiveStreamQuota } from './live-stream-quota.js'
import { RATE_LIMIT_STORAGE, RateLimitStorageModule } from './rate-limits/rate-limit-storage.module.js'
import { THROTTLERS } from './rate-limits/throttlers.js'
import { RequestAuthenticator } from './request-authenticator.service.js'
import { StreamAuthorizationService } from './stream-authorization.service.js'
import { TicketsController } from './tickets/tickets.controller.js'
import { TicketsRepository } from './tickets/tickets.repository.js'
import { TicketsService } from './tickets/tickets.service.js'
import { RootKeyPrinter, RootKeyService } from './api-keys/root-key.service.js'
import { SessionsController } from './sessions/sessions.controller.js'
import { SessionEntity } from './sessions/session.entity.js'
import { SessionsRepository } from './sessions/sessions.repository.js'
import { SessionsService } from './sessions/sessions.service.js'

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
  controllers: [KeysController, SessionsController, TicketsController],
  providers: [
    AccessPoliciesService,
    KeyAuthenticator,
    FailedAttempts,
    KeysRepository,
    KeysService,
    LiveStreamQuota,
    RequestAuthenticator,
    RootKeyPrinter,
    RootKeyService,
    SessionsRepository,
    SessionsService,
    StreamAuthorizationService,
    TicketsRepository,
    TicketsService,
  ],
  exports: [
    AccessPoliciesService,
    RequestAuthenticator,
    KeyAuthenticator,
    KeysService,
    LiveStreamQuota,
    StreamAuthorizationService,
    TicketsService,
  ],
})
export class AuthModule {}
