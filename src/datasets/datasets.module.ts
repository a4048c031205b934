import { Module } from '@nestjs/common'
import { DatasetVersions } from './dataset-versions.js'
import { DatasetsController } from './datasets.controller.js'
import { DatasetsService } from './datasets.service.js'

/** The catalog of datasets and their versions. Uses the global DatabaseModule and WarehouseModule. */
@Module({
  controllers: [DatasetsController],
  providers: [DatasetVersions, DatasetsService],
  exports: [DatasetVersions],
})
export class DatasetsModule {}
