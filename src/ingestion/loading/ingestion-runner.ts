import { Injectable, Logger } from '@nestjs/common'
import { EventEmitter2 } from '@nestjs/event-emitter'
import { availableParallelism } from 'node:os'
import { AppError, UnavailableError } from '../common/app-error.js'
import { Config } from '../config/config.js'
import { Database } from '../database/database.js'
import type { DatasetDefinition } from '../datasets/dataset-definition.js'
import { findFileDataset } from '../datasets/dataset-catalog.js'
import { DATASET_CHANGED, type DatasetEvent } from '../datasets/dataset-events.js'
import { DatasetVersions } from '../datasets/dataset-versions.js'
import { USERS } from '../datasets/users.dataset.js'
import { forEachConcurrent } from './for-each-concurrent.js'
import { openRecords } from './formats/open-records.js'
import type { RecordChunk, RecordSource } from './formats/record-source.js'
import {
  INGESTION_BROKEN,
  INGESTION_CHANGED,
  type BrokenIngestionEvent,
  isEnded,
  type Ingestion,
  type IngestionEvent,
} from './ingestion.js'
import { JobFailedError, JobLostError, UploadUnseenError } from './ingestion.errors.js'
import { IngestionsRepository, type ChunkResult } from './ingestions.repository.js'
import { explainRejects, type Reject } from './rejects.js'
import { RejectsRepository } from './rejects.repository.js'
import { compileRowProgram } from './rows/row-program.js'
import { fieldsOfSource, resolveMapping, wantedFields, type ResolvedMapping } from './rows/source-header.js'
import { Spool } from './spool.js'
import type { SpooledSource } from './spooled-source.js'
import { StagingService, type StagingPlan } from './staging.service.js'
import { UserImportService } from './user-import/user-import.service.js'

/** A job is given up after so many attempts in a row that finished no chunk: an engine is down, the process was killed. */
const MAX_FRUITLESS_ATTEMPTS = 25
/** What nobody expected is tried again, but not as often: it rarely passes. */
const MAX_UNEXPECTED_ATTEMPTS = 3
const MAX_RETRY_SECONDS = 60
const OUR_FAULT = 'Something went wrong on our side; the log of the worker has the details.'
/** Parsing one chunk is serial in the engine, so it takes as many in flight as cores to keep it busy. */
const CHUNKS_IN_FLIGHT = Math.max(2, availableParallelism())

/** One attempt at one job, from the opened file to its published rows. */
interface Attempt {
  job: Ingestion
  plan: StagingPlan
  sources: ResolvedMapping
  file: SpooledSource
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
    private readonly rejects: RejectsRepository,
    private readonly staging: StagingService,
    private readonly userImport: UserImportService,
    private readonly spool: Spool,
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
      const job = await this.ingestions.claim(id)
      if (job && !job.committing && job.fruitlessAttempts > MAX_FRUITLESS_ATTEMPTS) await this.giveUp(job)
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
    this.running.get(id)?.abort(new JobLostError())
  }

  /** Finishes the chunks in flight and hands the jobs over, to be taken up again right away. */
  async drain(): Promise<void> {
    this.draining = true
    this.drained.abort(new JobLostError())
    while (this.running.size > 0) await new Promise((done) => setTimeout(done, 20))
  }

  private async attempt(job: Ingestion, abort: AbortController): Promise<void> {
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
  private async giveUp(job: Ingestion): Promise<void> {
    const times = MAX_FRUITLESS_ATTEMPTS
    const text = `The job was tried ${times} times and got nowhere; the log of the worker has the details.`
    if (await this.ingestions.fail(job, text)) this.broken(job, text)
    await this.cleanUp(job)
    this.changed(job)
  }

  /** A job that was canceled or taken over is not worked on any longer; a database that is away is no reason to stop. */
  private async beat(job: Ingestion, abort: AbortController): Promise<void> {
    const mine = await this.ingestions.heartbeat(job).catch(() => true)
    if (!mine) abort.abort(new JobLostError())
  }

  private async loadFile(job: Ingestion, signal: AbortSignal): Promise<void> {
    // Accounts go to PostgreSQL, not to the warehouse.
    if (job.dataset === USERS.name) await this.userImport.load(job, AbortSignal.any([signal, this.drained.signal]))
    else await this.load(job, signal)
    await this.refuseEmptyResult(job)
  }

  private async load(job: Ingestion, signal: AbortSignal): Promise<void> {
    const dataset = findFileDataset(job.dataset)
    if (!dataset) throw new JobFailedError(`The dataset ${job.dataset} does not exist.`)
    const file = await this.spool.open(job.id, job)
    try {
      const records = await openRecords(file, job.format, wantedFields(dataset, job.mapping))
      const done = await this.ingestions.findChunks(job.id)
      const attempt = await this.prepare(job, dataset, records, file, done, signal)
      const isDone = new Set(done.map(({ chunk }) => chunk))
      const used = new Set([...attempt.sources.values()].flatMap(fieldsOfSource))
      const chunks = records.chunks({ chunkBytes: this.config.ingestionChunkBytes, used })
      await forEachConcurrent(chunks, CHUNKS_IN_FLIGHT, async (chunk) => {
        if (this.draining) throw new JobLostError()
        signal.throwIfAborted()
        if (!isDone.has(chunk.index)) await this.loadChunk(attempt, chunk)
        chunk.release()
      })
    } finally {
      await file.close()
    }
  }

  private async prepare(
    job: Ingestion,
    dataset: DatasetDefinition,
    records: RecordSource,
    file: SpooledSource,
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
      program: compileRowProgram(dataset, job.mapping, sources),
    }
    await this.staging.prepare(plan, job.stagingAttempt, done)
    if (!(await this.ingestions.recordStaging(job, records.headerRecord))) throw new JobLostError()
    await this.staging.drop(job.number, job.attempt - 1)
    return { job, plan, sources, file, signal }
  }

  private async loadChunk({ job, plan, sources, file, signal }: Attempt, chunk: RecordChunk): Promise<void> {
    // What was read from disk by now lies at or behind this chunk's end: good enough to show progress.
    const bytesDone = file.bytesRead()
    await this.staging.load(plan, chunk, signal)
    let rowsRejected = 0
    let first: Reject | undefined
    for await (const bad of this.staging.badRows(plan, chunk)) {
      const rejects = explainRejects(chunk, bad, plan.program, sources)
      await this.rejects.insert(job.id, rejects)
      rowsRejected += rejects.length
      first ??= rejects[0]
    }
    const { index, firstRow, rows, bytesEnd } = chunk
    const result = { chunk: index, firstRow, rowsRead: rows, rowsRejected, bytesEnd }
    if (!(await this.ingestions.recordChunk(job, result, bytesDone))) throw new JobLostError()
    this.changed(job)
    if (first && job.onError === 'abort') {
      throw new JobFailedError(
        `Record ${first.row} (line ${first.line}): ${first.reason}. Nothing was loaded, because onError is abort.`,
      )
    }
  }

  private async refuseEmptyResult({ id }: Ingestion): Promise<void> {
    const job = await this.ingestions.findById(id)
    if (job?.rowsRead === 0) throw new JobFailedError('The file has no rows.')
    if (job?.rowsAccepted === 0) {
      throw new JobFailedError(
        `All rows were rejected (${job.rowsRead} of ${job.rowsRead}); GET /v1/ingestions/${id}/rejects says why.`,
      )
    }
  }

  private async publish(job: Ingestion): Promise<void> {
    if (job.dataset === USERS.name) await this.userImport.publish(job)
    else await this.publishRows(job)
    await this.events.emitAsync(DATASET_CHANGED, { dataset: job.dataset } satisfies DatasetEvent)
  }

  private async publishRows(job: Ingestion): Promise<void> {
    const isRepeated = job.committing
    const stagingAttempt = isRepeated ? job.stagingAttempt : job.attempt
    if (!(await this.ingestions.beginCommit(job))) throw new JobLostError()
    await this.staging.publish(findFileDataset(job.dataset)!, job.number, stagingAttempt, isRepeated)
    await this.database.transaction(async (manager) => {
      await this.ingestions.succeed(manager, job)
      await this.datasetVersions.bump(manager, job.dataset)
    })
  }

  private async end(job: Ingestion, error: Error): Promise<void> {
    if (error instanceof JobLostError) return this.endLost(job)
    if (job.fruitlessAttempts < attemptsFor(error)) return this.tryAgain(job, error)
    const isOurs = isOurFault(error)
    if (isOurs) this.logger.error(`${job.id}: ${error.stack ?? error.message}`, error.cause)
    const isExplained = !isOurs || error instanceof UploadUnseenError
    const text = isExplained ? error.message : OUR_FAULT
    if (!(await this.ingestions.fail(job, text))) return
    await this.cleanUp(job)
    if (isOurs) this.broken(job, error.message)
  }

  private async tryAgain(job: Ingestion, error: Error): Promise<void> {
    const delaySeconds = Math.min(2 ** (job.fruitlessAttempts - 1), MAX_RETRY_SECONDS)
    this.logger.warn(`${job.id}: ${error.message} Trying again in ${delaySeconds} s.`)
    await this.ingestions.giveBack(job, delaySeconds)
  }

  /** Canceled, or failed over a batch: tidy up. Stopped with the process: hand the job over. Taken over: hands off. */
  private async endLost(job: Ingestion): Promise<void> {
    const now = await this.ingestions.findById(job.id)
    if (now && isEnded(now)) await this.cleanUp(job)
    else await this.ingestions.handOver(job)
  }

  /** The job has ended, so nothing needs its tables or its file; what cannot be removed now is only litter. */
  private async cleanUp(job: Ingestion): Promise<void> {
    const litter = (error: unknown): void => this.logger.warn(`${job.id}: left over: ${(error as Error).message}`)
    if (job.dataset === USERS.name) await this.userImport.cleanUp(job).catch(litter)
    else await this.staging.drop(job.number, job.attempt).catch(litter)
    await this.spool.remove(job.id).catch(litter)
  }

  private broken({ id }: Ingestion, reason: string): void {
    this.events.emit(INGESTION_BROKEN, { id, reason } satisfies BrokenIngestionEvent)
  }

  private changed({ id, dataset }: Ingestion): void {
    this.events.emit(INGESTION_CHANGED, { id, dataset } satisfies IngestionEvent)
  }
}

/** How many attempts in a row such an error may end before it ends the job. */
function attemptsFor(error: Error): number {
  if (error instanceof UnavailableError) return MAX_FRUITLESS_ATTEMPTS
  return isOurFault(error) ? MAX_UNEXPECTED_ATTEMPTS : 1
}

/** What is wrong with the file or the options comes as VALIDATION_FAILED and the like. */
function isOurFault(error: Error): boolean {
  return !(error instanceof AppError) || ['INTERNAL', 'UNAVAILABLE', 'QUERY_TIMEOUT'].includes(error.code)
}
