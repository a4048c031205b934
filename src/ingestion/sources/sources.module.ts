import { Module } from '@nestjs/common'
import { TypeOrmModule } from '@nestjs/typeorm'
import { DatasetsModule } from '../../datasets/datasets.module.js'
import { IngestionModule } from '../ingestion.module.js'
import { SourceReaders } from './readers/source-readers.js'
import { ObjectLoader } from './running/object-loader.js'
import { SourceRun } from './running/source-run.js'
import { SourceRunsRepository } from './running/source-runs.repository.js'
import { SourceWorker } from './running/source-worker.js'
import { SourceEntity } from './source.entity.js'
import { SourceObjectEntity } from './source-object.entity.js'
import { SourceObjectsRepository } from './source-objects.repository.js'
import { EncryptedSourceSecrets, SourceSecretsCipher } from './source-secrets.js'
import { SourcesController } from './sources.controller.js'
import { SourcesRepository } from './sources.repository.js'
import { SourcesService } from './sources.service.js'

/** Pulls files into datasets. */
@Module({
  imports: [DatasetsModule, TypeOrmModule.forFeature([SourceEntity, SourceObjectEntity]), IngestionModule],
  controllers: [SourcesController],
  providers: [
    EncryptedSourceSecrets,
    ObjectLoader,
    SourceObjectsRepository,
    SourceReaders,
    SourceRun,
    SourceRunsRepository,
    SourceSecretsCipher,
    SourceWorker,
    SourcesRepository,
    SourcesService,
  ],
})
export class SourcesModule {}
