import { Module, type OnModuleInit } from '@nestjs/common'
import { DatasetsModule } from '../datasets/datasets.module.js'
import { LogsModule } from '../logs/logs.module.js'
import { StatsContributors } from '../logs/stats-contributors.js'
import { KeysModule } from '../keys/keys.module.js'
import { UsersModule } from '../users/users.module.js'
import { IngestionDeletionService } from './ingestion-deletion.service.js'
import { IngestionRunner } from './ingestion-runner.js'
import { IngestionWorker } from './ingestion-worker.js'
import { IngestionsController } from './ingestions.controller.js'
import { IngestionsRepository } from './ingestions.repository.js'
import { IngestionsService } from './ingestions.service.js'
import { LeftoversService } from './leftovers.service.js'
import { RejectsRepository } from './rejects.repository.js'
import { Spool } from './spool.js'
import { StagingService } from './staging.service.js'
import { TombstonesService } from './tombstones.service.js'
import { UserBatchesConsumer } from './user-import/user-batches.consumer.js'
import { UserImportRepository } from './user-import/user-import.repository.js'
import { UserImportService } from './user-import/user-import.service.js'

@Module({
  imports: [DatasetsModule, KeysModule, LogsModule, UsersModule],
  controllers: [IngestionsController],
  providers: [
    IngestionDeletionService,
    IngestionRunner,
    IngestionWorker,
    IngestionsRepository,
    IngestionsService,
    LeftoversService,
    RejectsRepository,
    Spool,
    StagingService,
    TombstonesService,
    UserBatchesConsumer,
    UserImportRepository,
    UserImportService,
  ],
  exports: [IngestionsService],
})
export class IngestionModule implements OnModuleInit {
  constructor(
    private readonly stats: StatsContributors,
    private readonly ingestions: IngestionsRepository,
  ) {}

  onModuleInit(): void {
    this.stats.add('ingestions', () => this.ingestions.totals())
  }
}
