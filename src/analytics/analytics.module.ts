import { Module } from '@nestjs/common'
import { CreditsModule } from '../credits/credits.module.js'
import { DatasetsModule } from '../datasets/datasets.module.js'
import { AuthModule } from '../auth/auth.module.js'
import { LogsModule } from '../logs/logs.module.js'
import { RequestObservers } from '../logs/request-observers.js'
import { CompiledQueries } from './compiler/compiled-queries.js'
import { QueryResultCache } from './execution/query-result-cache.js'
import { MemberValuesController } from './values/member-values.controller.js'
import { MemberValuesService } from './values/member-values.service.js'
import { QueriesController } from './queries.controller.js'
import { QueriesService } from './queries.service.js'
import { QueryGuard } from './query.guard.js'
import { QueryCosts } from './query-costs.js'
import { QueryPricing } from './query-pricing.js'
import { QueryExecutor } from './execution/query-executor.js'
import { countQuery } from './execution/query-metrics.js'
import { RunningQueries } from './execution/running-queries.js'
import { ClickHouseTimeZones } from '../infrastructure/clickhouse/time-zones.js'

/** Paid queries over the datasets: `POST /v1/query`. */
@Module({
  imports: [CreditsModule, DatasetsModule, AuthModule, LogsModule],
  controllers: [MemberValuesController, QueriesController],
  providers: [
    {
      provide: CompiledQueries,
      inject: [ClickHouseTimeZones],
      useFactory: (zones: ClickHouseTimeZones) => new CompiledQueries(zones),
    },
    MemberValuesService,
    QueriesService,
    QueryCosts,
    QueryExecutor,
    QueryGuard,
    QueryPricing,
    QueryResultCache,
    RunningQueries,
  ],
  exports: [QueryGuard],
})
export class AnalyticsModule {
  constructor(observers: RequestObservers) {
    observers.add(countQuery)
  }
}
