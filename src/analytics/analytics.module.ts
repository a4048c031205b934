import { Module, type OnModuleInit } from '@nestjs/common'
import { CacheModule } from '../cache/cache.module.js'
import { CreditsModule } from '../credits/credits.module.js'
import { CreditsService } from '../credits/credits.service.js'
import { VERSIONS_SQL } from '../datasets/dataset-versions.js'
import { DatasetsModule } from '../datasets/datasets.module.js'
import { KeysModule } from '../keys/keys.module.js'
import { AnswerCache } from './answer-cache.js'
import { QueriesController } from './queries.controller.js'
import { QueriesService } from './queries.service.js'
import { QueryCharges } from './query-charges.js'
import { QueryEngine } from './query-engine.js'
import { QuickAnswers } from './quick-answers.js'
import { ReadyAnswers } from './ready-answers.js'

/** Paid questions over the datasets: `POST /v1/query`. */
@Module({
  imports: [CacheModule, CreditsModule, DatasetsModule, KeysModule],
  controllers: [QueriesController],
  providers: [AnswerCache, QueriesService, QueryCharges, QueryEngine, QuickAnswers, ReadyAnswers],
})
export class AnalyticsModule implements OnModuleInit {
  constructor(private readonly credits: CreditsService) {}

  /** What QuickAnswers compares its answers with. */
  onModuleInit(): void {
    this.credits.readAlong(VERSIONS_SQL)
  }
}
