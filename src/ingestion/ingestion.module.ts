import { Module } from '@nestjs/common'
import { DatasetsModule } from '../datasets/datasets.module.js'
import { IngestionRunner } from './ingestion-runner.js'
import { IngestionWorker } from './ingestion-worker.js'
import { IngestionsController } from './ingestions.controller.js'
import { IngestionsRepository } from './ingestions.repository.js'
import { IngestionsService } from './ingestions.service.js'
import { RejectsRepository } from './rejects.repository.js'
import { Spool } from './spool.js'
import { StagingService } from './staging.service.js'

@Module({
  imports: [DatasetsModule],
  controllers: [IngestionsController],
  providers: [
    IngestionRunner,
    IngestionWorker,
    IngestionsRepository,
    IngestionsService,
    RejectsRepository,
    Spool,
    StagingService,
  ],
})
export class IngestionModule {}
