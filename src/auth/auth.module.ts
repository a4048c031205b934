import { Module } from '@nestjs/common'
import { TypeOrmModule } from '@nestjs/typeorm'
import { ThrottlerModule, type ThrottlerStorage } from '@nestjs/throttler'
import { AccessPoliciesService } from './access/access-policies.service.js'
import { KeyAuthenticator } from './key-authenticator.service.js'
import { FailedAttempts } from './rate-limits/failed-attempts.js'
import { CreditsModule } from '../credits/credits.module.js'
import { ApiKeyEntity } from './api-keys/api-key.entity.js'
import { KeysController } from './api-keys/keys.controller.js'
import { KeysRepository } from './api-keys/keys.repository.js'
import { KeysService } from './api-keys/keys.service.js'
import { OwnKeysController } from './api-keys/own-keys.controller.js'
import { OwnKeysService } from './api-keys/own-keys.service.js'
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
import { SigningKeysRepository } from './tokens/signing-keys.repository.js'
import { SigningKeysService } from './tokens/signing-keys.service.js'
import { EncryptedSigningSecrets, SigningSecrets } from './tokens/signing-secrets.js'
import { TokenSigner } from './tokens/token-signer.js'
import { TokensController } from './tokens/tokens.controller.js'
import { TokensRepository } from './tokens/tokens.repository.js'
import { TokensService } from './tokens/tokens.service.js'

/** Who calls, what they may do, and how often. */
@Module({
  imports: [
    TypeOrmModule.forFeature([ApiKeyEntity, SessionEntity]),
    CreditsModule,
    ThrottlerModule.forRootAsync({
      imports: [RateLimitStorageModule],
      inject: [RATE_LIMIT_STORAGE],
      useFactory: (storage: ThrottlerStorage) => ({ throttlers: THROTTLERS, storage }),
    }),
  ],
  controllers: [KeysController, OwnKeysController, SessionsController, TicketsController, TokensController],
  providers: [
    AccessPoliciesService,
    EncryptedSigningSecrets,
    KeyAuthenticator,
    FailedAttempts,
    KeysRepository,
    KeysService,
    LiveStreamQuota,
    OwnKeysService,
    RequestAuthenticator,
    RootKeyPrinter,
    RootKeyService,
    SessionsRepository,
    SessionsService,
    SigningKeysRepository,
    SigningKeysService,
    SigningSecrets,
    StreamAuthorizationService,
    TicketsRepository,
    TicketsService,
    TokenSigner,
    TokensRepository,
    TokensService,
  ],
  exports: [
    AccessPoliciesService,
    FailedAttempts,
    RequestAuthenticator,
    KeyAuthenticator,
    KeysService,
    LiveStreamQuota,
    StreamAuthorizationService,
    TicketsService,
    TokensRepository,
  ],
})
export class AuthModule {}
