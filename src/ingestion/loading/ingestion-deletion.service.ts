import { Injectable } from '@nestjs/common'
import { EventEmitter2 } from '@nestjs/event-emitter'
import { setTimeout as sleep } from 'node:timers/promises'
import { AppError, NotFoundError } from '../../common/errors/app-error.js'
import { Database } from '../../infrastructure/database/database.js'
import { DATASET_CHANGED, type DatasetEvent } from '../../datasets/dataset-events.js'
import { INGESTION_CHANGED, isEnded, type IngestionEvent } from '../ingestion.js'
import type { IngestionEntity } from '../ingestion.entity.js'
import { IngestionsRepository } from '../ingestions.repository.js'
import { DatasetLoaders } from './dataset-loaders.js'
import { IngestionDeletionsRepository } from './ingestion-deletions.repository.js'

const WAIT_FOR_OTHER_MS = 100

/**
 * Takes the rows of an ended job out of its dataset. The wish is recorded first, so that what a killed process began is
 * finished by the next call or by the worker's sweep; doing a step again changes nothing.
 */
@Injectable()
export class IngestionDeletionService {
  constructor(
    private readonly ingestions: IngestionsRepository,
    private readonly deletions: IngestionDeletionsRepository,
    private readonly loaders: DatasetLoaders,
    private readonly database: Database,
    private readonly events: EventEmitter2,
  ) {}

  /** The job when its rows are out, by this call or an earlier one. Throws CONFLICT while the job has not ended. */
  async delete(id: string): Promise<IngestionEntity> {
    for (;;) {
      const job = await this.ingestions.find(id)
      if (!job) throw new NotFoundError('This ingestion')
      if (!isEnded(job)) throw new AppError('CONFLICT', `The job is ${job.status}; cancel it first.`)
      if (job.deletedAt) return job
      if (!(await this.takeOutLocked(id))) await sleep(WAIT_FOR_OTHER_MS)
    }
  }

  /** Finishes what dead processes began; leaves alone what a living one works on. */
  async resume(): Promise<void> {
    for (const id of await this.deletions.findBegun()) await this.takeOutLocked(id)
  }

  /** False when another process is at it. */
  private async takeOutLocked(id: string): Promise<boolean> {
    const done = await this.database.withAdvisoryLock(`ingestion deletion ${id}`, async () => {
      await this.takeOut(id)
      return true
    })
    return done ?? false
  }

  private async takeOut(id: string): Promise<void> {
    const job = await this.deletions.begin(id)
    if (!job) return
    await this.loaders.of(job).takeOut(job)
    this.events.emit(INGESTION_CHANGED, { id, dataset: job.dataset } satisfies IngestionEvent)
    await this.events.emitAsync(DATASET_CHANGED, { dataset: job.dataset } satisfies DatasetEvent)
  }
}
