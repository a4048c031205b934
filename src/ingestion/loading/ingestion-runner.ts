import { Injectable, Logger } from '@nestjs/common'
import { EventEmitter2 } from '@nestjs/event-emitter'
import { availableParallelism } from 'node:os'
import { UnavailableError } from '../../common/errors/app-error.js'
import { Config } from '../../config/config.js'
import { Database } from '../../infrastructure/database/database.js'
import type { DatasetDefinition } from '../../datasets/dataset-definition.js'
import { findFileDataset } from '../../datasets/dataset-registry.js'
import { DATASET_CHANGED, type DatasetEvent } from '../../datasets/dataset-events.js'
import { DatasetVersions } from '../../datasets/dataset-versions.js'
import { USERS } from '../../datasets/users.dataset.js'
import { ClickHouseCrashes } from './clickhouse-crashes.service.js'
import { forEachConcurrent } from './for-each-concurrent.js'
import { openRecords } from '../formats/open-records.js'
import type { RecordChunk, RecordSource } from '../formats/record-source.js'
import {
  INGESTION_BROKEN,
  INGESTION_CHANGED,
  type BrokenIngestionEvent,
  isEnded,
  type IngestionEvent,
} from '../ingestion.js'
import type { IngestionEntity } from '../ingestion.entity.js'
import { JobFailedError, LeaseLostError, UploadNotFoundError } from '../ingestion.errors.js'
import { IngestionsRepository } from '../ingestions.repository.js'
import { IngestionAttemptsRepository, type ChunkResult } from './ingestion-attempts.repository.js'
import { RecordedChunks } from './recorded-chunks.js'
import { attemptsFor, isOurFault, MAX_ATTEMPTS_WITHOUT_PROGRESS } from './retry-policy.js'
import { ambiguousValuesOf, explainRejects, isAccepted, type Reject } from './rejects.js'
import { hasTooManyRejected } from './max-rejected.js'
import { LoadWarnings } from './load-warnings.service.js'
import { RejectsRepository } from './rejects.repository.js'
import { compileRowTransform } from '../mapping/row-transform.js'
import { fieldsOfSource, resolveMapping, wantedFields, type ResolvedMapping } from '../mapping/source-header.js'
import { ClickHouseFullError } from '../../infrastructure/clickhouse/clickhouse.errors.js'
import { UploadStorage } from '../uploads/upload-storage.js'
import type { StoredUploadSource } from '../uploads/stored-upload-source.js'
import { StagingService, type StagingPlan } from './staging.service.js'
import { UserImportService } from '../users/user-import.service.js'

const MAX_RETRY_SECONDS = 60
const OUR_FAULT = 'Something went wrong on our side; the log of the worker has the details.'
/** Parsing one chunk is serial in ClickHouse, so it takes as many in flight as cores to keep it busy. */
const CHUNKS_IN_FLIGHT = Math.max(2, availableParallelism())

/** One attempt at one job, from the opened file to its published rows. */
interface Attempt {
  job: IngestionEntity
  plan: StagingPlan
  sources: ResolvedMapping
  file: StoredUploadSource
  signal: AbortSignal
}

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
    private readonly rejects: RejectsRepository,
    private readonly staging: StagingService,
    private readonly warnings: LoadWarnings,
    private readonly crashes: ClickHouseCrashes,
    private readonly userImport: UserImportService,
    private readonly storage: UploadStorage,
    private readonly database: Database,
    private readonly datasetVersions: DatasetVersions,
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
    await this.refuseResult(job, false)
    if (job.dataset !== USERS.name) return this.load(job, signal)
    // Accounts go to PostgreSQL, not to ClickHouse.
    await this.userImport.load(job, AbortSignal.any([signal, this.drained.signal]))
    await this.refuseResult(job, true)
  }

  private async load(job: IngestionEntity, signal: AbortSignal): Promise<void> {
    const dataset = findFileDataset(job.dataset)
    if (!dataset) throw new JobFailedError(`The dataset ${job.dataset} does not exist.`)
    const file = await this.storage.open(job.id, job)
    try {
      const records = await openRecords(file, job.format, wantedFields(dataset, job.mapping))
      const done = await this.attempts.findChunks(job.id)
      const attempt = await this.prepare(job, dataset, records, file, done, signal)
      const recorded = new RecordedChunks(done)
      const used = new Set([...attempt.sources.values()].flatMap(fieldsOfSource))
      const { commaNumbers } = attempt.plan.transform
      const chunks = records.chunks({ chunkBytes: this.config.ingestionChunkBytes, used, commaNumbers })
      await forEachConcurrent(chunks, CHUNKS_IN_FLIGHT, async (chunk) => {
        if (this.draining) throw new LeaseLostError()
        signal.throwIfAborted()
        if (!recorded.has(chunk)) await this.loadChunk(attempt, chunk)
        chunk.release()
      })
      recorded.expectAllMet()
      await this.refuseResult(job, true)
      await this.expectSafe(job)
      const warnings = await this.warnings.find(attempt, records)
      if (!(await this.attempts.recordWarnings(job, warnings))) throw new LeaseLostError()
    } finally {
      await file.close()
    }
  }

  /** Rows that only a dead node has may never come back, so the file is read again. */
  private async expectSafe(job: IngestionEntity): Promise<void> {
    const { rowsAccepted } = (await this.ingestions.find(job.id))!
    if (await this.staging.areSafe({ jobNumber: job.number, attempt: job.attempt }, rowsAccepted)) return
    await this.attempts.forgetChunks(job)
    throw new UnavailableError('A node of the cluster has gone with rows that no other one had.')
  }

  private async prepare(
    job: IngestionEntity,
    dataset: DatasetDefinition,
    records: RecordSource,
    file: StoredUploadSource,
    done: ChunkResult[],
    signal: AbortSignal,
  ): Promise<Attempt> {
    const sources = resolveMapping(dataset, job.mapping, records.header, records.ownFields)
    const plan: StagingPlan = {
      dataset,
      jobNumber: job.number,
      attempt: job.attempt,
      input: records.input,
      fields: records.header.length,
      transform: compileRowTransform(dataset, job.mapping, sources, job.fileOptions, records.numericFields),
    }
    await this.staging.prepare(plan, job.stagingAttempt, done)
    if (!(await this.attempts.recordStaging(job, records.headerRecord))) throw new LeaseLostError()
    await this.staging.drop(job.number, job.attempt - 1)
    return { job, plan, sources, file, signal }
  }

  private async loadChunk({ job, plan, sources, file, signal }: Attempt, chunk: RecordChunk): Promise<void> {
    // What was read from disk by now lies at or behind this chunk's end: good enough to show progress.
    const bytesDone = file.bytesRead()
    await this.crashes.watch(job, chunk, () => this.staging.load(plan, chunk, signal))
    let rowsRejected = 0
    let first: Reject | undefined
    const ambiguousValues: Record<string, string> = {}
    for await (const noticed of this.staging.noticedRows(plan, chunk)) {
      const [ambiguous, bad] = [noticed.filter(isAccepted), noticed.filter((row) => !isAccepted(row))]
      Object.assign(ambiguousValues, ambiguousValuesOf(chunk, ambiguous, plan.transform, sources))
      const rejects = explainRejects(chunk, bad, plan.transform, sources)
      await this.rejects.insert(job.id, rejects)
      rowsRejected += rejects.length
      first ??= rejects[0]
    }
    const { index, firstRow, rows, bytesEnd } = chunk
    const result = { chunk: index, firstRow, rowsRead: rows, rowsRejected, bytesEnd, ambiguousValues }
    if (!(await this.attempts.recordChunk(job, result, bytesDone))) throw new LeaseLostError()
    this.changed(job)
    if (first && job.onError === 'abort') throw abortedBy(first)
    if (first && job.maxRejected !== null) await this.refuseResult(job, false)
  }

  /** Throws when what was recorded must not become visible; `isAtEnd`: of the whole file. */
  private async refuseResult({ id }: IngestionEntity, isAtEnd: boolean): Promise<void> {
    const job = (await this.ingestions.find(id))!
    if (job.onError === 'abort' && job.rowsRejected > 0) {
      const { rows } = await this.rejects.list(id, { limit: 1, offset: 0 })
      throw abortedBy(rows[0]!)
    }
    const { rowsRead, rowsRejected } = job
    const why = `GET /v1/ingestions/${id}/rejects says why.`
    if (hasTooManyRejected(job, isAtEnd)) {
      throw new JobFailedError(
        `${rowsRejected} of ${rowsRead} rows were rejected, which is more than maxRejected (${job.maxRejected}) allows; nothing was loaded. ${why}`,
      )
    }
    if (!isAtEnd) return
    if (rowsRead === 0) throw new JobFailedError('The file has no rows.')
    if (job.rowsAccepted === 0) throw new JobFailedError(`All rows were rejected (${rowsRead} of ${rowsRead}); ${why}`)
  }

  private async publish(job: IngestionEntity): Promise<void> {
    if (job.dataset === USERS.name) await this.userImport.publish(job)
    else await this.publishRows(job)
    await this.events.emitAsync(DATASET_CHANGED, { dataset: job.dataset } satisfies DatasetEvent)
  }

  private async publishRows(job: IngestionEntity): Promise<void> {
    const isRepeated = job.committing
    const attempt = isRepeated ? job.stagingAttempt : job.attempt
    if (!(await this.attempts.beginCommit(job))) throw new LeaseLostError()
    const { rowsAccepted: rows } = (await this.ingestions.find(job.id))!
    await this.staging.publish(findFileDataset(job.dataset)!, { jobNumber: job.number, attempt, rows }, isRepeated)
    await this.database.transaction(async () => {
      await this.attempts.succeed(job)
      await this.datasetVersions.bump(job.dataset)
    })
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
    if (job.dataset === USERS.name) await this.userImport.cleanUp(job).catch(orphans)
    else await this.staging.drop(job.number, job.attempt).catch(orphans)
    await this.storage.remove(job.id).catch(orphans)
  }

  private broken({ id }: IngestionEntity, reason: string): void {
    this.events.emit(INGESTION_BROKEN, { id, reason } satisfies BrokenIngestionEvent)
  }

  private changed({ id, dataset }: IngestionEntity): void {
    this.events.emit(INGESTION_CHANGED, { id, dataset } satisfies IngestionEvent)
  }
}

function abortedBy({ row, line, reason }: Pick<Reject, 'row' | 'line' | 'reason'>): JobFailedError {
  return new JobFailedError(`Record ${row} (line ${line}): ${reason}. Nothing was loaded, because onError is abort.`)
}
