import { Module, type OnModuleInit } from '@nestjs/common'
import { TypeOrmModule } from '@nestjs/typeorm'
import { observeGauge } from '../common/metrics/observed-gauge.js'
import { DatasetsModule } from '../datasets/datasets.module.js'
import { LogsModule } from '../logs/logs.module.js'
import { StatsContributors } from '../logs/stats-contributors.js'
import { AuthModule } from '../auth/auth.module.js'
import { UsersModule } from '../users/users.module.js'
import { InferenceController } from './inference/inference.controller.js'
import { InferenceService } from './inference/inference.service.js'
import { ParquetSample } from './inference/parquet-sample.js'
import { SampleReader } from './inference/sample-reader.js'
import { ClickHouseCrashes } from './loading/clickhouse-crashes.service.js'
import { IngestionChunkEntity } from './ingestion-chunk.entity.js'
import { IngestionEntity } from './ingestion.entity.js'
import { IngestionAttemptsRepository } from './loading/ingestion-attempts.repository.js'
import { IngestionDeletionsRepository } from './loading/ingestion-deletions.repository.js'
import { IngestionDeletionService } from './loading/ingestion-deletion.service.js'
import { IngestionRunner } from './loading/ingestion-runner.js'
import { IngestionWorker } from './loading/ingestion-worker.js'
import { IngestionsController } from './ingestions.controller.js'
import { IngestionsRepository } from './ingestions.repository.js'
import { IngestionsService } from './ingestions.service.js'
import { OrphanCleanupService } from './uploads/orphan-cleanup.service.js'
import { RejectsRepository } from './loading/rejects.repository.js'
import { UploadStorage } from './uploads/upload-storage.js'
import { DatasetLoaders } from './loading/dataset-loaders.js'
import { DroppedDatasets } from './loading/dropped-datasets.js'
import { LoadResult } from './loading/load-result.service.js'
import { RowsDeletion } from './loading/rows-deletion.service.js'
import { RowsLoader } from './loading/rows-loader.service.js'
import { LoadWarnings } from './loading/load-warnings.service.js'
import { StagedRowsService } from './loading/staged-rows.service.js'
import { StagingService } from './loading/staging.service.js'
import { TombstonesService } from './loading/tombstones.service.js'
import { UserBatchesConsumer } from './users/user-batches.consumer.js'
import { UserImportRepository } from './users/user-import.repository.js'
import { UserLoader } from './users/user-loader.service.js'

@Module({
  imports: [
    TypeOrmModule.forFeature([IngestionEntity, IngestionChunkEntity]),
    DatasetsModule,
    AuthModule,
    LogsModule,
    UsersModule,
  ],
  controllers: [IngestionsController, InferenceController],
  providers: [
    ClickHouseCrashes,
    IngestionAttemptsRepository,
    IngestionDeletionService,
    IngestionDeletionsRepository,
    IngestionRunner,
    IngestionWorker,
    InferenceService,
    IngestionsRepository,
    IngestionsService,
    OrphanCleanupService,
    ParquetSample,
    RejectsRepository,
    SampleReader,
    UploadStorage,
    StagedRowsService,
    StagingService,
    LoadWarnings,
    TombstonesService,
    UserBatchesConsumer,
    UserImportRepository,
    UserLoader,
    DatasetLoaders,
    LoadResult,
    RowsDeletion,
    RowsLoader,
    DroppedDatasets,
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
    observeGauge({
      name: 'countinghouse_ingestion_jobs',
      help: 'Jobs of the whole installation that have not ended: queued or running',
      labelNames: ['status'],
      read: async () => {
        const jobs = await this.ingestions.countUnfinished()
        return Object.entries(jobs).map(([status, value]) => ({ labels: { status }, value }))
      },
    })
  }
}
