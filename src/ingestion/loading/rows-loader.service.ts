import { Injectable } from '@nestjs/common'
import { EventEmitter2 } from '@nestjs/event-emitter'
import { availableParallelism } from 'node:os'
import { UnavailableError } from '../../common/errors/app-error.js'
import { Config } from '../../config/config.js'
import { Database } from '../../infrastructure/database/database.js'
import type { DatasetDefinition } from '../../datasets/dataset-definition.js'
import { DatasetRegistry } from '../../datasets/dataset-registry.js'
import { DatasetVersions } from '../../datasets/dataset-versions.js'
import { openRecords } from '../formats/open-records.js'
import type { RecordChunk, RecordSource } from '../formats/record-source.js'
import { INGESTION_CHANGED, type IngestionEvent } from '../ingestion.js'
import type { IngestionEntity } from '../ingestion.entity.js'
import { JobFailedError, LeaseLostError } from '../ingestion.errors.js'
import { IngestionsRepository } from '../ingestions.repository.js'
import { compileRowTransform } from '../mapping/row-transform.js'
import { fieldsOfSource, resolveMapping, wantedFields, type ResolvedMapping } from '../mapping/source-header.js'
import { UploadStorage } from '../uploads/upload-storage.js'
import type { StoredUploadSource } from '../uploads/stored-upload-source.js'
import { ClickHouseCrashes } from './clickhouse-crashes.service.js'
import { DatasetLoader, type LoadSignals } from './dataset-loader.js'
import { forEachConcurrent } from './for-each-concurrent.js'
import { IngestionAttemptsRepository, type ChunkResult } from './ingestion-attempts.repository.js'
import { abortedBy, LoadResult } from './load-result.service.js'
import { LoadWarnings } from './load-warnings.service.js'
import { RecordedChunks } from './recorded-chunks.js'
import { ambiguousValuesOf, explainRejects, isAccepted, type Reject } from './rejects.js'
import { RejectsRepository } from './rejects.repository.js'
import { RowsDeletion } from './rows-deletion.service.js'
import { StagingService, type StagingPlan } from './staging.service.js'

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
 * Loads rows into ClickHouse: chunks of the file go through the job's staging tables, each is recorded when it is durable, and
 * at the end all rows become visible at once. Recorded chunks are kept by a later attempt, others are loaded again.
 */
@Injectable()
export class RowsLoader extends DatasetLoader {
  constructor(
    private readonly ingestions: IngestionsRepository,
    private readonly attempts: IngestionAttemptsRepository,
    private readonly rejects: RejectsRepository,
    private readonly staging: StagingService,
    private readonly result: LoadResult,
    private readonly warnings: LoadWarnings,
    private readonly crashes: ClickHouseCrashes,
    private readonly deletion: RowsDeletion,
    private readonly storage: UploadStorage,
    private readonly database: Database,
    private readonly registry: DatasetRegistry,
    private readonly datasetVersions: DatasetVersions,
    private readonly events: EventEmitter2,
    private readonly config: Config,
  ) {
    super()
  }

  async load(job: IngestionEntity, { lost: signal, drained }: LoadSignals): Promise<void> {
    const dataset = await this.datasetOf(job)
    const file = await this.storage.open(job.id, job)
    try {
      const records = await openRecords(file, job.format, wantedFields(dataset, job.mapping), job.fileOptions)
      const done = await this.attempts.findChunks(job.id)
      const attempt = await this.prepare(job, dataset, records, file, done, signal)
      const recorded = new RecordedChunks(done)
      const used = new Set([...attempt.sources.values()].flatMap(fieldsOfSource))
      const { commaNumbers } = attempt.plan.transform
      const chunks = records.chunks({ chunkBytes: this.config.ingestionChunkBytes, used, commaNumbers })
      await forEachConcurrent(chunks, CHUNKS_IN_FLIGHT, async (chunk) => {
        drained.throwIfAborted()
        signal.throwIfAborted()
        if (!recorded.has(chunk)) await this.loadChunk(attempt, chunk)
        chunk.release()
      })
      recorded.expectAllMet()
      await this.result.refuse(job, true)
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
      transform: compileRowTransform(dataset, job.mapping, sources, job.fileOptions, records),
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
    if (first && job.maxRejected !== null) await this.result.refuse(job, false)
  }

  async publish(job: IngestionEntity): Promise<void> {
    const dataset = await this.datasetOf(job)
    const isRepeated = job.committing
    const attempt = isRepeated ? job.stagingAttempt : job.attempt
    if (!(await this.attempts.beginCommit(job))) throw new LeaseLostError()
    const { rowsAccepted: rows } = (await this.ingestions.find(job.id))!
    await this.staging.publish(dataset, { jobNumber: job.number, attempt, rows }, isRepeated)
    await this.database.transaction(async () => {
      await this.attempts.succeed(job)
      await this.datasetVersions.bump(job.dataset)
    })
  }

  async cleanUp(job: IngestionEntity): Promise<void> {
    await this.staging.drop(job.number, job.attempt)
  }

  async takeOut(job: IngestionEntity): Promise<void> {
    await this.deletion.takeOut(job)
  }

  /** As it is declared now. */
  private async datasetOf(job: IngestionEntity): Promise<DatasetDefinition> {
    const dataset = (await this.registry.reload()).findForFiles(job.dataset)
    if (!dataset) throw new JobFailedError(`The dataset ${job.dataset} does not exist.`)
    return dataset
  }

  private changed({ id, dataset }: IngestionEntity): void {
    this.events.emit(INGESTION_CHANGED, { id, dataset } satisfies IngestionEvent)
  }
}
