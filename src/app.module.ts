import { Module, type DynamicModule } from '@nestjs/common'
import { APP_FILTER, APP_GUARD, APP_PIPE } from '@nestjs/core'
import { EventEmitterModule } from '@nestjs/event-emitter'
import { ScheduleModule } from '@nestjs/schedule'
import { AnalyticsModule } from './analytics/analytics.module.js'
import { AuditModule } from './audit/audit.module.js'
import { BodilessGuard } from './common/bodiless.guard.js'
import { ProblemFilter } from './common/problem.filter.js'
import { validationPipe } from './common/validation.pipe.js'
import type { Config } from './config/config.js'
import { ConfigModule } from './config/config.module.js'
import { DashboardModule } from './dashboard/dashboard.module.js'
import { DatabaseModule } from './database/database.module.js'
import { EncryptionModule } from './encryption/encryption.module.js'
import { HealthModule } from './health/health.module.js'
import { CreditsModule } from './credits/credits.module.js'
import { IdempotencyModule } from './idempotency/idempotency.module.js'
import { IngestionModule } from './ingestion/ingestion.module.js'
import { KeysModule } from './keys/keys.module.js'
import { ReadsThrottlerGuard } from './keys/reads-throttler.guard.js'
import { LiveModule } from './realtime/live.module.js'
import { LowBalanceModule } from './low-balance/low-balance.module.js'
import { LogsModule } from './logs/logs.module.js'
import { OrdersModule } from './orders/orders.module.js'
import { ProductsModule } from './products/products.module.js'
import { QueueModule } from './queue/queue.module.js'
import { EventsModule } from './realtime/events.module.js'
import { UsersModule } from './users/users.module.js'
import { WarehouseModule } from './warehouse/warehouse.module.js'

/** The list of modules, and everything that holds for all of them. */
@Module({})
export class AppModule {
  static register(config: Config): DynamicModule {
    return {
      module: AppModule,
      imports: [
        ConfigModule.register(config),
        EventEmitterModule.forRoot(),
        ScheduleModule.forRoot(),
        DatabaseModule,
        EncryptionModule,
        WarehouseModule,
        QueueModule,
        AuditModule,
        IdempotencyModule,
        CreditsModule,
        LowBalanceModule,
        KeysModule,
        UsersModule,
        LogsModule,
        IngestionModule,
        AnalyticsModule,
        ProductsModule,
        OrdersModule,
        DashboardModule,
        LiveModule,
        EventsModule,
        HealthModule,
      ],
      providers: [
        { provide: APP_FILTER, useClass: ProblemFilter },
        // What is refused counts against no limit.
        { provide: APP_GUARD, useClass: BodilessGuard },
        { provide: APP_GUARD, useClass: ReadsThrottlerGuard },
        { provide: APP_PIPE, useFactory: validationPipe },
      ],
    }
  }
}
