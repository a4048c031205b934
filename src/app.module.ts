import { Module, type DynamicModule } from '@nestjs/common'
import { APP_FILTER, APP_GUARD, APP_PIPE, DiscoveryModule } from '@nestjs/core'
import { EventEmitterModule } from '@nestjs/event-emitter'
import { ScheduleModule } from '@nestjs/schedule'
import { AnalyticsModule } from './analytics/analytics.module.js'
import { BoardsModule } from './boards/boards.module.js'
import { CacheModule } from './infrastructure/cache/cache.module.js'
import { AuditModule } from './audit/audit.module.js'
import { AcceptableGuard } from './common/guards/acceptable.guard.js'
import { JsonBodyGuard } from './common/guards/json-body.guard.js'
import { UnexpectedBodyGuard } from './common/guards/unexpected-body.guard.js'
import { ProblemFilter } from './common/filters/problem.filter.js'
import { validationPipe } from './common/pipes/validation.pipe.js'
import type { Config } from './config/config.js'
import { ConfigModule } from './config/config.module.js'
import { DashboardModule } from './dashboard/dashboard.module.js'
import { DatabaseModule } from './infrastructure/database/database.module.js'
import { EncryptionModule } from './infrastructure/encryption/encryption.module.js'
import { HealthModule } from './health/health.module.js'
import { CreditsModule } from './credits/credits.module.js'
import { IdempotencyModule } from './idempotency/idempotency.module.js'
import { IngestionModule } from './ingestion/ingestion.module.js'
import { SourcesModule } from './ingestion/sources/sources.module.js'
import { AuthModule } from './auth/auth.module.js'
import { ApiKeyGuard } from './auth/guards/api-key.guard.js'
import { BodyQuotaGuard } from './auth/guards/body-quota.guard.js'
import { RolesGuard } from './auth/guards/roles.guard.js'
import { RoutePolicies } from './auth/guards/route-policies.js'
import { PrincipalThrottlerGuard } from './auth/guards/principal-throttler.guard.js'
import { CreditsGuard } from './credits/credits.guard.js'
import { IdempotencyGuard } from './idempotency/idempotency.guard.js'
import { McpModule } from './analytics/mcp/mcp.module.js'
import { QueryGuard } from './analytics/query.guard.js'
import { LiveModule } from './live/live.module.js'
import { LowBalanceModule } from './credits/alerts/low-balance.module.js'
import { StripeModule } from './payments/stripe.module.js'
import { LogsModule } from './logs/logs.module.js'
import { PlansModule } from './plans/plans.module.js'
import { OrdersModule } from './orders/orders.module.js'
import { CatalogModule } from './catalog/catalog.module.js'
import { QueueModule } from './infrastructure/queue/queue.module.js'
import { EventsModule } from './events/events.module.js'
import { UsersModule } from './users/users.module.js'
import { WebhooksModule } from './webhooks/webhooks.module.js'
import { ClickHouseModule } from './infrastructure/clickhouse/clickhouse.module.js'

/** The list of modules, and everything that holds for all of them. */
@Module({})
export class AppModule {
  static register(config: Config): DynamicModule {
    return {
      module: AppModule,
      imports: [
        ConfigModule.register(config),
        DiscoveryModule,
        EventEmitterModule.forRoot(),
        ScheduleModule.forRoot(),
        DatabaseModule,
        EncryptionModule,
        ClickHouseModule,
        CacheModule,
        QueueModule,
        AuditModule,
        IdempotencyModule,
        CreditsModule,
        LowBalanceModule,
        WebhooksModule,
        StripeModule,
        AuthModule,
        PlansModule,
        UsersModule,
        LogsModule,
        IngestionModule,
        SourcesModule,
        AnalyticsModule,
        McpModule,
        CatalogModule,
        OrdersModule,
        DashboardModule,
        LiveModule,
        EventsModule,
        HealthModule,
        BoardsModule,
      ],
      providers: [
        RoutePolicies,
        { provide: APP_FILTER, useClass: ProblemFilter },
        // In the order of refusals: who (401), may they (403), what is wrong with the request (400), too often (429), cannot
        // pay (402). No byte of a body is read before its sender may send it; what is refused with 400 or before counts
        // against no rate limit.
        { provide: APP_GUARD, useClass: ApiKeyGuard },
        { provide: APP_GUARD, useClass: RolesGuard },
        { provide: APP_GUARD, useClass: BodyQuotaGuard },
        { provide: APP_GUARD, useClass: JsonBodyGuard },
        { provide: APP_GUARD, useClass: AcceptableGuard },
        { provide: APP_GUARD, useClass: UnexpectedBodyGuard },
        { provide: APP_GUARD, useClass: IdempotencyGuard },
        { provide: APP_GUARD, useExisting: QueryGuard },
        { provide: APP_GUARD, useClass: PrincipalThrottlerGuard },
        { provide: APP_GUARD, useExisting: CreditsGuard },
        { provide: APP_PIPE, useFactory: validationPipe },
      ],
    }
  }
}
