import { Injectable, type OnApplicationBootstrap } from '@nestjs/common'
import { EventEmitter2 } from '@nestjs/event-emitter'
import { validate as isUuid } from 'uuid'
import { Config } from '../../config/config.js'
import { USERS } from '../../datasets/users.dataset.js'
import { JobQueue, PoisonedMessageError } from '../../infrastructure/queue/job-queue.js'
import { UserEmails } from '../../users/user-emails.js'
import { INGESTION_CHANGED, type IngestionEvent } from '../ingestion.js'
import { countRows } from '../loading/ingestion-metrics.js'
import { RejectsRepository } from '../loading/rejects.repository.js'
import { parseBatch, rejectsOf, USERS_QUEUE, type UserBatch } from './user-batch.js'
import { UserImportRepository } from './user-import.repository.js'

/** Batches of one job wait for each other at its counts; the work before that is done side by side. */
const CONCURRENCY = 4

/** Takes batches of users from the queue and keeps them in PostgreSQL. A batch that comes twice is kept once. */
@Injectable()
export class UserBatchesConsumer implements OnApplicationBootstrap {
  constructor(
    private readonly config: Config,
    private readonly queue: JobQueue,
    private readonly imports: UserImportRepository,
    private readonly rejects: RejectsRepository,
    private readonly emails: UserEmails,
    private readonly events: EventEmitter2,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    await this.queue.declare(USERS_QUEUE)
    if (!this.config.ingestionWorker) return
    await this.queue.consume(USERS_QUEUE, {
      concurrency: CONCURRENCY,
      handler: (text) => this.handle(text),
      onExhausted: (text) => this.giveUp(text),
    })
  }

  private async handle(text: string): Promise<void> {
    const batch = parseBatch(text)
    if (!batch || !isUuid(batch.ingestionId)) throw new PoisonedMessageError('the message is no batch of users')
    // First what may be written twice without harm; the batch counts as done only with its rows.
    if (batch.rejects.length > 0) await this.rejects.insert(batch.ingestionId, rejectsOf(batch))
    await this.keep(batch)
    const event: IngestionEvent = { id: batch.ingestionId, dataset: USERS.name }
    this.events.emit(INGESTION_CHANGED, event)
  }

  private async keep(batch: UserBatch): Promise<void> {
    const ids = await this.imports.userIds(batch.users.map(({ externalId }) => externalId))
    const users = batch.users.map((user) => {
      const userId = ids.get(user.externalId)!
      return { ...user, ...this.emails.columnsOf(userId, user.email), userId }
    })
    await this.imports.keep(batch, users)
    countRows(USERS.name, batch.rowsRead, batch.rejects.length)
  }

  private async giveUp(text: string): Promise<void> {
    const batch = parseBatch(text)
    if (!batch || !isUuid(batch.ingestionId)) return
    const last = batch.firstRow + batch.rowsRead - 1
    await this.imports.failJob(
      batch.ingestionId,
      `Records ${batch.firstRow} to ${last} could not be stored; nothing was loaded. The log of the worker has the details.`,
    )
  }
}
