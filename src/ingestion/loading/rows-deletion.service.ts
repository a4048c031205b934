import { Injectable, Logger } from '@nestjs/common'
import { Database } from '../../infrastructure/database/database.js'
import { DatasetRegistry } from '../../datasets/dataset-registry.js'
import { DatasetVersions } from '../../datasets/dataset-versions.js'
import type { IngestionEntity } from '../ingestion.entity.js'
import { IngestionDeletionsRepository } from './ingestion-deletions.repository.js'
import { TombstonesService } from './tombstones.service.js'

/** Takes the rows of an ended job out of a dataset in ClickHouse. */
@Injectable()
export class RowsDeletion {
  private readonly logger = new Logger('Ingestion')

  constructor(
    private readonly deletions: IngestionDeletionsRepository,
    private readonly tombstones: TombstonesService,
    private readonly database: Database,
    private readonly datasetVersions: DatasetVersions,
    private readonly registry: DatasetRegistry,
  ) {}

  async takeOut(job: IngestionEntity): Promise<void> {
    if (job.status === 'succeeded') await this.hideRows(job)
    await this.database.transaction(async () => {
      await this.deletions.finish(job.id)
      await this.datasetVersions.bumpAfterDeletion(job.dataset)
    })
    await this.tombstones
      .drop(job.number, job.deletionAttempt)
      .catch((error: Error) => this.logger.warn(`${job.id}: left over: ${error.message}`))
  }

  private async hideRows({ id, dataset: name, number, deletionAttempt }: IngestionEntity): Promise<void> {
    const dataset = (await this.registry.reload()).findForFiles(name)
    // An earlier try got this far, and said how many rows it were.
    if (!dataset || (await this.tombstones.arePublished(dataset, number))) return
    const rows = await this.tombstones.stage(dataset, number, deletionAttempt)
    await this.deletions.recordRows(id, rows)
    if (rows > 0) await this.tombstones.publish(dataset, number, deletionAttempt, rows)
  }
}
