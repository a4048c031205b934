import { Injectable } from '@nestjs/common'
import { setTimeout as sleep } from 'node:timers/promises'
import { Database } from '../../infrastructure/database/database.js'
import { KeysService } from '../../auth/api-keys/keys.service.js'
import { JobQueue } from '../../infrastructure/queue/job-queue.js'
import type { IngestionEntity } from '../ingestion.entity.js'
import { LeaseLostError } from '../ingestion.errors.js'
import { DatasetLoader, type LoadSignals } from '../loading/dataset-loader.js'
import { IngestionAttemptsRepository } from '../loading/ingestion-attempts.repository.js'
import { IngestionDeletionsRepository } from '../loading/ingestion-deletions.repository.js'
import { abortedBy, LoadResult } from '../loading/load-result.service.js'
import { hasTooManyRejected } from '../loading/max-rejected.js'
import { UploadStorage } from '../uploads/upload-storage.js'
import { USERS_QUEUE, type UserBatch } from './user-batch.js'
import { openUserFile } from './user-batches.reader.js'
import { UserImportRepository } from './user-import.repository.js'

/** Bounds the memory of producer, queue and consumers, whatever the size of the file. */
const BATCHES_IN_FLIGHT = 8
const LOOK_MS = 20
/** A batch of which nothing was heard for so long is sent again: its message, or who had it, is lost. */
const RESEND_MS = 30_000

/** Batches that were sent and are not known to be kept yet. */
type InFlight = Map<number, { text: string; sentAt: number }>

/**
 * Loads a file of users: batches of records travel through the queue to consumers that keep them, and at the end all
 * become accounts in one transaction. Batches that are kept are not sent again by a later attempt.
 */
@Injectable()
export class UserLoader extends DatasetLoader {
  constructor(
    private readonly attempts: IngestionAttemptsRepository,
    private readonly imports: UserImportRepository,
    private readonly storage: UploadStorage,
    private readonly queue: JobQueue,
    private readonly database: Database,
    private readonly keys: KeysService,
    private readonly result: LoadResult,
    private readonly deletions: IngestionDeletionsRepository,
  ) {
    super()
  }

  /** Resolves when every record is kept or rejected. */
  async load(job: IngestionEntity, { lost, drained }: LoadSignals): Promise<void> {
    const signal = AbortSignal.any([lost, drained])
    const file = await this.storage.open(job.id, job)
    try {
      const users = await openUserFile(job, file)
      if (!(await this.attempts.recordStaging(job, users.headerRecord))) throw new LeaseLostError()
      const kept = new Set((await this.attempts.findChunks(job.id)).map(({ chunk }) => chunk))
      await this.send(job, users.batches(), kept, signal)
    } finally {
      await file.close()
    }
    await this.result.refuse(job, true)
  }

  /** Makes the accounts visible, all at once and with the end of the job. */
  async publish(job: IngestionEntity): Promise<void> {
    if (!(await this.attempts.beginCommit(job))) throw new LeaseLostError()
    await this.database.transaction(async () => {
      await this.imports.merge(job.id)
      await this.attempts.succeed(job)
    })
    this.keys.changed()
  }

  async cleanUp(job: IngestionEntity): Promise<void> {
    await this.imports.drop(job.id)
  }

  /** Accounts live in PostgreSQL, where one transaction does it all. */
  async takeOut({ id }: IngestionEntity): Promise<void> {
    await this.database.transaction(async () => {
      const rows = await this.imports.takeOut(id)
      await this.deletions.finish(id, rows)
    })
    this.keys.changed()
  }

  private async send(
    job: IngestionEntity,
    batches: AsyncIterable<UserBatch>,
    kept: Set<number>,
    signal: AbortSignal,
  ): Promise<void> {
    const inFlight: InFlight = new Map()
    let refused: UserBatch | undefined
    let rowsRead = 0
    let rowsRejected = 0
    for await (const batch of batches) {
      signal.throwIfAborted()
      if (batch.rejects.length > 0 && job.onError === 'abort') refused = batch
      if (!kept.has(batch.chunk)) {
        const text = JSON.stringify(batch)
        await this.queue.publish(USERS_QUEUE, text)
        inFlight.set(batch.chunk, { text, sentAt: Date.now() })
      }
      rowsRead += batch.rowsRead
      rowsRejected += batch.rejects.length
      // Whoever asked for the load judges what is kept by then.
      const isEnough = hasTooManyRejected({ maxRejected: job.maxRejected, rowsRead, rowsRejected }, false)
      if (refused || isEnough) break
      await this.waitFor(job, inFlight, BATCHES_IN_FLIGHT - 1, signal)
    }
    await this.waitFor(job, inFlight, 0, signal)
    if (refused) throw abortedBy(refused.rejects[0]!)
  }

  /** Resolves when at most `most` batches are on their way. */
  private async waitFor(job: IngestionEntity, inFlight: InFlight, most: number, signal: AbortSignal): Promise<void> {
    while (inFlight.size > most) {
      signal.throwIfAborted()
      const { status, kept } = await this.imports.progress(job.id, [...inFlight.keys()])
      if (status !== 'running') throw new LeaseLostError()
      for (const chunk of kept) inFlight.delete(chunk)
      if (inFlight.size <= most) return
      await this.resend(inFlight)
      await sleep(LOOK_MS)
    }
  }

  private async resend(inFlight: InFlight): Promise<void> {
    for (const batch of inFlight.values()) {
      if (Date.now() - batch.sentAt < RESEND_MS) continue
      batch.sentAt = Date.now()
      await this.queue.publish(USERS_QUEUE, batch.text)
    }
  }
}
