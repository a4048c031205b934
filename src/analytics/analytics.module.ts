import { Module } from '@nestjs/common'
import { CacheModule } from '../cache/cache.module.js'
import { CreditsModule } from '../credits/credits.module.js'
import { DatasetsModule } from '../datasets/datasets.module.js'
import { KeysModule } from '../keys/keys.module.js'
import { AnswerCache } from './answer-cache.js'
import { QueriesController } from './queries.controller.js'
import { QueriesService } from './queries.service.js'
import { QueryCharges } from './query-charges.js'
import { QueryEngine } from './query-engine.js'

/** Paid questions over the datasets: `POST /v1/query`. */
@Module({
  imports: [CacheModule, CreditsModule, DatasetsModule, KeysModule],
  controllers: [QueriesController],
  providers: [AnswerCache, QueriesService, QueryCharges, QueryEngine],
})
export class AnalyticsModule {}
