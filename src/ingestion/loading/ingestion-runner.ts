import { Injectable, Logger } from '@nestjs/common'
import { EventEmitter2 } from '@nestjs/event-emitter'
import { UnavailableError } from '../../common/errors/app-error.js'
import { Config } from '../../config/config.js'
import { DATASET_CHANGED, type DatasetEvent } from '../../datasets/dataset-events.js'
import {
  INGESTION_BROKEN,
  INGESTION_CHANGED,
  type BrokenIngestionEvent,
  isEnded,
  type IngestionEvent,
} from '../ingestion.js'
import type { IngestionEntity } from '../ingestion.entity.js'
import { LeaseLostError, UploadNotFoundError } from '../ingestion.errors.js'
import { IngestionsRepository } from '../ingestions.repository.js'
import { IngestionAttemptsRepository } from './ingestion-attempts.repository.js'
import { attemptsFor, isOurFault, MAX_ATTEMPTS_WITHOUT_PROGRESS } from './retry-policy.js'
import { ClickHouseFullError } from '../../infrastructure/clickhouse/clickhouse.errors.js'
import { UploadStorage } from '../uploads/upload-storage.js'
import { DatasetLoaders } from './dataset-loaders.js'
import { LoadResult } from './load-result.service.js'

const MAX_RETRY_SECONDS = 60
const OUR_FAULT = 'Something went wrong on our side; the log of the worker has the details.'
/**
 * Runs a job: chunks of the file go through the job's staging tables, each is recorded when it is durable, and at the
 * end all rows become visible at once. A crash at any point is resumed by whoever claims the job next: recorded chunks
 * are kept, others are loaded again, and a repeated publish changes nothing.
 */
@Injectable()
export class IngestionRunner {
  private readonly logger = new Logger('Ingestion')
  private readonly running = new Map<string, AbortController>()
  private readonly drained = new AbortController()
  private draining = false

  constructor(
    private readonly ingestions: IngestionsRepository,
    private readonly attempts: IngestionAttemptsRepository,
    private readonly loaders: DatasetLoaders,
    private readonly result: LoadResult,
    private readonly storage: UploadStorage,
    private readonly events: EventEmitter2,
    private readonly config: Config,
  ) {}

  /** Takes the job up if nobody else has it, and works until it ends or has to be given back. Throws what is a fault of ours. */
  async run(id: string): Promise<void> {
    if (this.draining || this.running.has(id)) return
    const abort = new AbortController()
    this.running.set(id, abort)
    try {
      const job = await this.attempts.claim(id)
      if (job && !job.committing && job.attemptsWithoutProgress > MAX_ATTEMPTS_WITHOUT_PROGRESS) await this.giveUp(job)
      else if (job) await this.attempt(job, abort)
    } catch (error) {
      // The sweep brings the job again.
      if (!(error instanceof UnavailableError)) throw error
      this.logger.warn(`${id}: ${error.message}`)
    } finally {
      this.running.delete(id)
    }
  }

  /** Stops the work on a job at once, if it is this process's. */
  stop(id: string): void {
    this.running.get(id)?.abort(new LeaseLostError())
  }

  /** Finishes the chunks in flight and hands the jobs over, to be taken up again right away. */
  async drain(): Promise<void> {
    this.draining = true
    this.drained.abort(new LeaseLostError())
    while (this.running.size > 0) await new Promise((done) => setTimeout(done, 20))
  }

  private async attempt(job: IngestionEntity, abort: AbortController): Promise<void> {
    const heartbeat = setInterval(() => void this.beat(job, abort), (this.config.ingestionLeaseSeconds * 1000) / 3)
    this.changed(job)
    try {
      if (!job.committing) await this.loadFile(job, abort.signal)
      await this.publish(job)
      await this.cleanUp(job)
    } catch (error) {
      await this.end(job, abort.signal.aborted ? (abort.signal.reason as Error) : (error as Error))
    } finally {
      clearInterval(heartbeat)
      this.changed(job)
    }
  }

  /** Whatever ends every attempt before it can be told (a file that brings the process down) must not be tried for ever. */
  private async giveUp(job: IngestionEntity): Promise<void> {
    const times = MAX_ATTEMPTS_WITHOUT_PROGRESS
    const text = `The job was tried ${times} times and got nowhere; the log of the worker has the details.`
    if (await this.attempts.fail(job, text)) this.broken(job, text)
    await this.cleanUp(job)
    this.changed(job)
  }

  /** A job that was canceled or taken over is not worked on any longer; a database that is away is no reason to stop. */
  private async beat(job: IngestionEntity, abort: AbortController): Promise<void> {
    const mine = await this.attempts.heartbeat(job).catch(() => true)
    if (!mine) abort.abort(new LeaseLostError())
  }

  private async loadFile(job: IngestionEntity, signal: AbortSignal): Promise<void> {
    // An attempt that died before it could say so may have recorded too many.
    await this.result.refuse(job, false)
    await this.loaders.of(job).load(job, { lost: signal, drained: this.drained.signal })
  }

  private async publish(job: IngestionEntity): Promise<void> {
    await this.loaders.of(job).publish(job)
    await this.events.emitAsync(DATASET_CHANGED, { dataset: job.dataset } satisfies DatasetEvent)
  }

  private async end(job: IngestionEntity, error: Error): Promise<void> {
    if (error instanceof LeaseLostError) return this.endLost(job)
    const attempts = await this.attemptsWithoutProgress(job)
    if (attempts < attemptsFor(error)) return this.tryAgain(job, error, attempts)
    const isOurs = isOurFault(error)
    if (isOurs) this.logger.error(`${job.id}: ${error.stack ?? error.message}`, error.cause)
    const isExplained = !isOurs || error instanceof UploadNotFoundError || error instanceof ClickHouseFullError
    const text = isExplained ? error.message : OUR_FAULT
    if (!(await this.attempts.fail(job, text))) return
    await this.cleanUp(job)
    if (isOurs) this.broken(job, error.message)
  }

  /** This one included. A chunk that it recorded has set them back since it was claimed. */
  private async attemptsWithoutProgress(job: IngestionEntity): Promise<number> {
    return Math.max(1, ((await this.ingestions.find(job.id)) ?? job).attemptsWithoutProgress)
  }

  private async tryAgain(job: IngestionEntity, error: Error, attempts: number): Promise<void> {
    const delaySeconds = Math.min(2 ** (attempts - 1), MAX_RETRY_SECONDS)
    this.logger.warn(`${job.id}: ${error.message} Trying again in ${delaySeconds} s.`)
    await this.attempts.release(job, delaySeconds)
  }

  /** Canceled, or failed over a batch: tidy up. Stopped with the process: hand the job over. Taken over: hands off. */
  private async endLost(job: IngestionEntity): Promise<void> {
    const now = await this.ingestions.find(job.id)
    if (now && isEnded(now)) await this.cleanUp(job)
    else await this.attempts.handOver(job)
  }

  /** The job has ended, so nothing needs its tables or its file; what cannot be removed now is orphaned. */
  private async cleanUp(job: IngestionEntity): Promise<void> {
    const orphans = (error: unknown): void => this.logger.warn(`${job.id}: left over: ${(error as Error).message}`)
    await this.loaders.of(job).cleanUp(job).catch(orphans)
    await this.storage.remove(job.id).catch(orphans)
  }

  private broken({ id }: IngestionEntity, reason: string): void {
    this.events.emit(INGESTION_BROKEN, { id, reason } satisfies BrokenIngestionEvent)
  }

  private changed({ id, dataset }: IngestionEntity): void {
    this.events.emit(INGESTION_CHANGED, { id, dataset } satisfies IngestionEvent)
  }
}
