import { Module, type OnModuleInit } from '@nestjs/common'
import { LogsModule } from '../logs/logs.module.js'
import { StatsContributors } from '../logs/stats-contributors.js'
import { DatasetVersions } from './dataset-versions.js'
import { DatasetsController } from './datasets.controller.js'
import { DatasetsService } from './datasets.service.js'
import { DynamicMembers } from './dynamic-members.js'
import { FinalFreeReads } from './deduplication/final-free-reads.js'
import { DeduplicationRepository } from './deduplication/deduplication.repository.js'
import { DeduplicationService } from './deduplication/deduplication.service.js'

/** The catalog of datasets and their versions. Uses the global DatabaseModule and ClickHouseModule. */
@Module({
  imports: [LogsModule],
  controllers: [DatasetsController],
  providers: [
    DatasetVersions,
    DatasetsService,
    DynamicMembers,
    FinalFreeReads,
    DeduplicationRepository,
    DeduplicationService,
  ],
  exports: [DatasetVersions, FinalFreeReads, DeduplicationService],
})
export class DatasetsModule implements OnModuleInit {
  constructor(
    private readonly stats: StatsContributors,
    private readonly datasets: DatasetsService,
  ) {}

  onModuleInit(): void {
    this.stats.add('datasets', () => this.datasets.totals())
  }
}
