import { Module } from '@nestjs/common'
import { TypeOrmModule } from '@nestjs/typeorm'
import { CreditsModule } from '../credits/credits.module.js'
import { DatasetsModule } from '../datasets/datasets.module.js'
import { AccessPoliciesService } from '../auth/access/access-policies.service.js'
import { AuthModule } from '../auth/auth.module.js'
import { LogsModule } from '../logs/logs.module.js'
import { RequestObservers } from '../logs/request-observers.js'
import { CompiledQueries } from './compiler/compiled-queries.js'
import { AdminEndpointsController } from './endpoints/admin-endpoints.controller.js'
import { EndpointCalls } from './endpoints/endpoint-calls.service.js'
import { EndpointCatalog } from './endpoints/endpoint-catalog.service.js'
import { EndpointCompiler } from './endpoints/endpoint-compiler.js'
import { EndpointEntity } from './endpoints/endpoint.entity.js'
import { EndpointRegistry } from './endpoints/endpoint-registry.js'
import { EndpointResponses } from './endpoints/endpoint-responses.service.js'
import { EndpointsController } from './endpoints/endpoints.controller.js'
import { EndpointsRepository } from './endpoints/endpoints.repository.js'
import { EndpointsService } from './endpoints/endpoints.service.js'
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

/** Paid queries over the datasets: `POST /v1/query`, and named ones at `/v1/endpoints`. */
@Module({
  imports: [TypeOrmModule.forFeature([EndpointEntity]), CreditsModule, DatasetsModule, AuthModule, LogsModule],
  controllers: [AdminEndpointsController, EndpointsController, MemberValuesController, QueriesController],
  providers: [
    {
      provide: CompiledQueries,
      inject: [ClickHouseTimeZones],
      useFactory: (zones: ClickHouseTimeZones) => new CompiledQueries(zones),
    },
    EndpointCalls,
    EndpointCatalog,
    EndpointCompiler,
    EndpointRegistry,
    EndpointResponses,
    EndpointsRepository,
    EndpointsService,
    MemberValuesService,
    QueriesService,
    QueryCosts,
    QueryExecutor,
    QueryGuard,
    QueryPricing,
    QueryResultCache,
    RunningQueries,
  ],
  exports: [EndpointCatalog, QueryGuard],
})
export class AnalyticsModule {
  constructor(observers: RequestObservers, policies: AccessPoliciesService, endpoints: EndpointRegistry) {
    observers.add(countQuery)
    policies.add((policy, author) => endpoints.check(policy, (name) => author.mayUseEndpoint(name)))
  }
}
