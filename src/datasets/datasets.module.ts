import { Module, type OnModuleInit } from '@nestjs/common'
import { LogsModule } from '../logs/logs.module.js'
import { StatsContributors } from '../logs/stats-contributors.js'
import { DatasetVersions } from './dataset-versions.js'
import { DatasetsController } from './datasets.controller.js'
import { DatasetsService } from './datasets.service.js'
import { RecentKeys } from './recent-keys.js'
import { TableReads } from './table-reads.js'
import { TableStateRepository } from './table-state.repository.js'
import { TableUpkeep } from './table-upkeep.service.js'

/** The catalog of datasets and their versions. Uses the global DatabaseModule and WarehouseModule. */
@Module({
  imports: [LogsModule],
  controllers: [DatasetsController],
  providers: [DatasetVersions, DatasetsService, RecentKeys, TableReads, TableStateRepository, TableUpkeep],
  exports: [DatasetVersions, TableReads, TableUpkeep],
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
