import { Injectable, Logger, type BeforeApplicationShutdown } from '@nestjs/common'
import { EventEmitter2 } from '@nestjs/event-emitter'
import type { Readable } from 'node:stream'
import {
  filter,
  fromEvent,
  interval,
  lastValueFrom,
  merge,
  Observable,
  startWith,
  Subject,
  switchMap,
  distinctUntilChanged,
  takeUntil,
  takeWhile,
} from 'rxjs'
import { v7 as uuidv7 } from 'uuid'
import { AuditTrail } from '../audit/audit-trail.service.js'
import { AppError, NotFoundError, ValidationError } from '../common/app-error.js'
import { pageOf, type Page, type PageQuery } from '../common/pagination.dto.js'
import type { DatasetDefinition } from '../datasets/dataset-definition.js'
import { Database } from '../database/database.js'
import { findFileDataset } from '../datasets/dataset-catalog.js'
import { USERS } from '../datasets/users.dataset.js'
import { JobQueue } from '../queue/job-queue.js'
import { INGESTION_CHANGED, isEnded, type Format, type Ingestion, type IngestionEvent } from './ingestion.js'
import { IngestionRunner } from './ingestion-runner.js'
import { INGESTION_QUEUE } from './ingestion-worker.js'
import { IngestionDeletionService } from './ingestion-deletion.service.js'
import type { IngestionAnswer, IngestionDeletedAnswer, IngestionListQuery, RejectAnswer } from './ingestions.dto.js'
import { IngestionsRepository } from './ingestions.repository.js'
import { RejectsRepository } from './rejects.repository.js'
import { isSameProgress, paceOf } from './pace.js'
import { parseMapping } from './rows/mapping.js'
import { Spool } from './spool.js'
import { tellForm } from './upload-form.js'
import type { Upload } from './upload.js'

/** How often a job is looked at for changes that another process made. */
const WATCH_MS = 500

/** Takes files in and answers for their jobs. */
@Injectable()
export class IngestionsService implements BeforeApplicationShutdown {
  private readonly logger = new Logger('Ingestion')
  private readonly stopping = new Subject<void>()

  constructor(
    private readonly ingestions: IngestionsRepository,
    private readonly rejectsRepository: RejectsRepository,
    private readonly runner: IngestionRunner,
    private readonly deletion: IngestionDeletionService,
    private readonly spool: Spool,
    private readonly queue: JobQueue,
    private readonly events: EventEmitter2,
    private readonly database: Database,
    private readonly audit: AuditTrail,
  ) {}

  /** `expectedBytes`: what the request announced, if it did. Spools the upload and queues its job, or finds the job that brought the same content before. */
  async accept(
    { options, fileName, format, foreignType, compression, charset, stream, ensureNothingFollows }: Upload,
    expectedBytes?: number,
  ): Promise<IngestionAnswer> {
    const dataset = options.dataset === USERS.name ? USERS : findFileDataset(options.dataset)
    if (!dataset)
      throw new ValidationError([
        { path: 'dataset', message: `"${options.dataset}" is not a dataset that takes files` },
      ])
    refuseUsersAs(format, dataset)
    const mapping = parseMapping(options.mapping, dataset)
    const id = uuidv7()
    const { bytes, sha256 } = await this.spool.write(id, stream, ensureNothingFollows, expectedBytes)
    const forced = options.force === 'true'
    const told = { format, compression, encoding: options.encoding, charset }
    const form = await tellForm(this.spool, id, told, options.format)
    try {
      if (foreignType !== undefined && form.format === 'csv') throw unsupportedType(foreignType)
      refuseUsersAs(form.format, dataset)
    } catch (error) {
      await this.spool.remove(id)
      throw error
    }
    const job = {
      id,
      dataset: dataset.name,
      ...form,
      fileName,
      mapping,
      onError: options.onError,
      forced,
      sha256,
      bytesTotal: bytes,
    }
    const earlier = forced ? undefined : await this.ingestions.findByContent(dataset.name, sha256)
    const created = earlier ? undefined : await this.audited('ingestion.create', () => this.ingestions.insert(job))
    if (created) {
      await this.announce(id)
      return answerOf(created)
    }
    await this.spool.remove(id)
    const duplicate = earlier ?? (await this.ingestions.findByContent(dataset.name, sha256))
    // The other one failed between our insert and this look: the file may be sent again.
    if (!duplicate)
      throw new AppError('CONFLICT', 'The same content was being loaded at the same moment; send it again.')
    return { ...answerOf(duplicate), duplicate: true }
  }

  /** The job row is what counts: a message that could not be sent only means that a sweep finds the job a little later. */
  private async announce(id: string): Promise<void> {
    await this.queue.publish(INGESTION_QUEUE, id).catch((error: Error) => this.logger.warn(`${id}: ${error.message}`))
  }

  async get(id: string): Promise<IngestionAnswer> {
    return answerOf(await this.find(id))
  }

  async getAll(ids: string[]): Promise<IngestionAnswer[]> {
    return (await this.ingestions.findByIds(ids)).map(answerOf)
  }

  async list(query: IngestionListQuery): Promise<Page<IngestionAnswer>> {
    const { rows, total } = await this.ingestions.list(query, query)
    return pageOf(rows.map(answerOf), query, total)
  }

  async cancel(id: string): Promise<IngestionAnswer> {
    const canceled = await this.audited('ingestion.cancel', () => this.ingestions.cancel(id))
    if (!canceled) {
      const { status } = await this.find(id)
      const why =
        status === 'running'
          ? 'its rows are being made visible'
          : status === 'canceled'
            ? 'it is canceled already'
            : `it has ${status}`
      throw new AppError('CONFLICT', `The job cannot be canceled any more: ${why}.`)
    }
    this.runner.stop(id)
    if (!canceled.startedAt) await this.spool.remove(id)
    this.events.emit(INGESTION_CHANGED, { id, dataset: canceled.dataset } satisfies IngestionEvent)
    return answerOf(canceled)
  }

  /** Takes the job's rows out of its dataset. */
  async delete(id: string): Promise<IngestionDeletedAnswer> {
    const job = await this.deletion.delete(id)
    return { ...answerOf(job), rowsDeleted: job.rowsDeleted, message: deletionMessage(job) }
  }

  /** Who watches a job is answered before the server closes. */
  beforeApplicationShutdown(): void {
    this.stopping.next()
  }

  /** The job now and at each change, until it ends or the process stops. */
  async watch(id: string): Promise<Observable<IngestionAnswer>> {
    await this.find(id)
    const changes = fromEvent(this.events, INGESTION_CHANGED).pipe(
      filter((event) => (event as IngestionEvent).id === id),
    )
    return merge(changes, interval(WATCH_MS)).pipe(
      startWith(undefined),
      switchMap(() => this.get(id)),
      distinctUntilChanged<IngestionAnswer>(isSameProgress),
      takeWhile((answer) => !isEnded(answer), true),
      takeUntil(this.stopping),
    )
  }

  /** The job when it has ended; as it stands when the process stops before that. */
  async waitForEnd(id: string): Promise<IngestionAnswer> {
    const changes = await this.watch(id)
    return lastValueFrom(changes, { defaultValue: await this.get(id) })
  }

  async rejects(id: string, page: PageQuery): Promise<Page<RejectAnswer>> {
    await this.find(id)
    const { rows, total } = await this.rejectsRepository.list(id, page)
    return pageOf(rows, page, total)
  }

  /** The rejected records under the file's own header, to be mended and sent again. */
  async rejectsAsFile(
    id: string,
    page: PageQuery | undefined,
    signal: AbortSignal,
  ): Promise<{ header: Buffer; records: Readable }> {
    await this.find(id)
    const header = (await this.ingestions.sourceHeader(id)) ?? Buffer.alloc(0)
    return { header, records: await this.rejectsRepository.streamRecords(id, page, signal) }
  }

  /** What is done to a job is one commit with its entry in the audit trail. */
  private audited(action: string, act: () => Promise<Ingestion | undefined>): Promise<Ingestion | undefined> {
    return this.database.transaction(async () => {
      const job = await act()
      const { dataset, fileName } = job ?? {}
      if (job) await this.audit.record({ action, target: job.id, details: { dataset, fileName } })
      return job
    })
  }

  private async find(id: string): Promise<Ingestion> {
    const job = await this.ingestions.findById(id)
    if (!job) throw new NotFoundError('This ingestion')
    return job
  }
}

/** What looks like no other format would be read as CSV. */
function unsupportedType(type: string): AppError {
  const message = `A file of the type ${type.slice(0, 100)} cannot be read; send csv, tsv, json, ndjson, xml or parquet, or tell the format.`
  return new AppError('UNSUPPORTED_FORMAT', message)
}

/** Users are read here and not by the engine, which alone can read Parquet. */
function refuseUsersAs(format: Format | undefined, dataset: DatasetDefinition): void {
  if (dataset === USERS && format === 'parquet')
    throw new AppError('UNSUPPORTED_FORMAT', 'Users cannot come as parquet; send csv, tsv, json, ndjson or xml.')
}

function answerOf(job: Ingestion): IngestionAnswer {
  const {
    id,
    dataset,
    format,
    fileName,
    status,
    bytesTotal,
    bytesDone,
    rowsRead,
    rowsAccepted,
    rowsRejected,
    error,
    sha256,
  } = job
  return {
    id,
    dataset,
    format,
    fileName,
    status,
    bytesTotal,
    bytesDone,
    rowsRead,
    rowsAccepted,
    rowsRejected,
    createdAt: job.createdAt.toISOString(),
    startedAt: job.startedAt?.toISOString() ?? null,
    finishedAt: job.finishedAt?.toISOString() ?? null,
    error,
    sha256,
    duplicate: false,
    deletedAt: job.deletedAt?.toISOString() ?? null,
    ...paceOf(job),
  }
}

function deletionMessage({ status, rowsDeleted }: Ingestion): string {
  if (status !== 'succeeded') return `The job has ${status}, so there was nothing of it to take out.`
  return (
    `${rowsDeleted} ${rowsDeleted === 1 ? 'row of this job was' : 'rows of this job were'} taken out. Rows that a later job had replaced ` +
    'stay as they are; rows that this job had replaced do not come back.'
  )
}
