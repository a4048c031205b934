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
import { AppError, NotFoundError, ValidationError } from '../common/errors/app-error.js'
import { pageOf, type Page, type PageQuery } from '../common/pagination.dto.js'
import { nameHint, quoted } from '../common/errors/unknown-name.js'
import type { DatasetDefinition } from '../datasets/dataset-definition.js'
import { fileOptionsFor, type FileOptions } from '../datasets/file-options.js'
import { ClickHouseTimeZones } from '../infrastructure/clickhouse/time-zones.js'
import { Database } from '../infrastructure/database/database.js'
import { DatasetRegistry } from '../datasets/dataset-registry.js'
import { USERS } from '../datasets/users.dataset.js'
import { JobQueue } from '../infrastructure/queue/job-queue.js'
import { INGESTION_CHANGED, isEnded, type Format, type IngestionEvent } from './ingestion.js'
import type { IngestionEntity } from './ingestion.entity.js'
import { IngestionRunner } from './loading/ingestion-runner.js'
import { INGESTION_QUEUE } from './loading/ingestion-worker.js'
import { IngestionDeletionService } from './loading/ingestion-deletion.service.js'
import type {
  FileDataset,
  IngestionResponse,
  IngestionDeletedResponse,
  IngestionListQuery,
  RejectResponse,
  RejectSummaryResponse,
} from './ingestions.dto.js'
import { describeFileDataset } from './file-datasets.js'
import { deletionMessage, responseOf } from './ingestion-response.js'
import { IngestionsRepository, type NewIngestion } from './ingestions.repository.js'
import { RejectsRepository } from './loading/rejects.repository.js'
import { isSameProgress } from './loading/throughput.js'
import { parseMapping, type Mapping } from './mapping/mapping.js'
import { UploadStorage } from './uploads/upload-storage.js'
import type { UploadOptions } from './uploads/upload-options.dto.js'
import { detectFileType, type FileType } from './uploads/file-type.js'
import type { Upload } from './uploads/upload.js'
import { readFileOptions, refuseUnfitOptions } from './uploads/upload-file-options.js'

/** How often a job is looked at for changes that another process made. */
const WATCH_MS = 500

/** What the options of an upload come to. */
export interface UploadPlan {
  dataset: DatasetDefinition
  /** as the upload says */
  given: FileOptions
  /** with what the dataset says besides */
  fileOptions: FileOptions
  mapping: Mapping
}

/** What is written in the commit that makes the job: what it throws takes the job back. */
export type Alongside = (job: { id: string; sha256: string }) => Promise<void>

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
    private readonly storage: UploadStorage,
    private readonly queue: JobQueue,
    private readonly events: EventEmitter2,
    private readonly database: Database,
    private readonly audit: AuditTrail,
    private readonly registry: DatasetRegistry,
    private readonly timeZones: ClickHouseTimeZones,
  ) {}

  /** ValidationError where options contradict the dataset or each other. */
  async planOf(options: UploadOptions): Promise<UploadPlan> {
    const dataset = await this.datasetOf(options.dataset)
    refuseUsersAs(options.format, dataset)
    const { given, merged } = readFileOptions(options, dataset, this.timeZones)
    return { dataset, given, fileOptions: merged, mapping: parseMapping(options.mapping, dataset, merged) }
  }

  /** `expectedBytes`: what the request announced, if it did. Spools the upload and queues its job, or finds the job that brought the same content before. */
  async accept(
    { options, fileName, format, foreignType, compression, charset, stream, ensureNothingFollows }: Upload,
    expectedBytes?: number,
    alongside?: Alongside,
  ): Promise<IngestionResponse> {
    const { dataset, given, fileOptions, mapping } = await this.planOf(options)
    refuseUsersAs(format, dataset)
    refuseUnfitOptions(format, given)
    const id = uuidv7()
    const { bytes, sha256 } = await this.storage.write(id, stream, ensureNothingFollows, expectedBytes)
    const forced = options.force === 'true'
    const { encoding } = fileOptions
    const { skipLines } = given
    const usualSkipLines = dataset.fileOptions?.skipLines
    const declared = { format, compression, encoding, charset, skipLines, usualSkipLines }
    let form: FileType
    try {
      form = await detectFileType(this.storage, id, declared, options.format)
      if (foreignType !== undefined && form.format === 'csv') throw unsupportedType(foreignType)
      refuseUsersAs(form.format, dataset)
      refuseUnfitOptions(form.format, given)
    } catch (error) {
      await this.storage.remove(id)
      throw error
    }
    const job = {
      id,
      dataset: dataset.name,
      ...form,
      fileName,
      mapping,
      fileOptions: fileOptionsFor(form.format, fileOptions),
      onError: options.onError,
      maxRejected: options.maxRejected ?? null,
      forced,
      sha256,
      bytesTotal: bytes,
    }
    const earlier = forced ? undefined : await this.ingestions.findByContent(dataset.name, sha256)
    const created = earlier ? undefined : await this.create(job, alongside)
    if (created) {
      await this.announce(id)
      return responseOf(created)
    }
    await this.storage.remove(id)
    const duplicate = earlier ?? (await this.ingestions.findByContent(dataset.name, sha256))
    // The other one failed between our insert and this look: the file may be sent again.
    if (!duplicate)
      throw new AppError('CONFLICT', 'The same content was being loaded at the same moment; send it again.')
    return { ...responseOf(duplicate), duplicate: true }
  }

  private create(job: NewIngestion, alongside: Alongside | undefined): Promise<IngestionEntity | null> {
    return this.audited('ingestion.create', async () => {
      const created = await this.ingestions.create(job)
      if (created) await alongside?.(created)
      return created
    })
  }

  /** The job row is what counts: a message that could not be sent only means that a sweep finds the job a little later. */
  private async announce(id: string): Promise<void> {
    await this.queue.publish(INGESTION_QUEUE, id).catch((error: Error) => this.logger.warn(`${id}: ${error.message}`))
  }

  /** The datasets that take files. */
  fileDatasets(page: PageQuery): Page<FileDataset> {
    const all = this.registry.current.forFiles
    return pageOf(all.slice(page.offset, page.offset + page.limit).map(describeFileDataset), page, all.length)
  }

  /** Asked of PostgreSQL, where another instance may just have declared it. */
  private async datasetOf(name: string): Promise<DatasetDefinition> {
    const datasets = await this.registry.reload()
    const dataset = datasets.findForFiles(name)
    if (dataset) return dataset
    const known = datasets.forFiles.map((each) => each.name)
    const message = `${quoted(name)} is not a dataset that takes files. ${nameHint(name, known)}`
    throw new ValidationError([{ path: 'dataset', message }])
  }

  async get(id: string): Promise<IngestionResponse> {
    return responseOf(await this.find(id))
  }

  async getAll(ids: string[]): Promise<IngestionResponse[]> {
    return (await this.ingestions.findByIds(ids)).map(responseOf)
  }

  async list(query: IngestionListQuery): Promise<Page<IngestionResponse>> {
    const { data, pagination } = await this.ingestions.list(query, query)
    return { data: data.map(responseOf), pagination }
  }

  async cancel(id: string): Promise<IngestionResponse> {
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
    if (!canceled.startedAt) await this.storage.remove(id)
    this.events.emit(INGESTION_CHANGED, { id, dataset: canceled.dataset } satisfies IngestionEvent)
    return responseOf(canceled)
  }

  /** Takes the job's rows out of its dataset. */
  async delete(id: string): Promise<IngestionDeletedResponse> {
    const job = await this.deletion.delete(id)
    return { ...responseOf(job), rowsDeleted: job.rowsDeleted, message: deletionMessage(job) }
  }

  /** Who watches a job is answered before the server closes. */
  beforeApplicationShutdown(): void {
    this.stopping.next()
  }

  /** The job now and at each change, until it ends or the process stops. */
  async watch(id: string): Promise<Observable<IngestionResponse>> {
    await this.find(id)
    const changes = fromEvent(this.events, INGESTION_CHANGED).pipe(
      filter((event) => (event as IngestionEvent).id === id),
    )
    return merge(changes, interval(WATCH_MS)).pipe(
      startWith(undefined),
      switchMap(() => this.get(id)),
      distinctUntilChanged<IngestionResponse>(isSameProgress),
      takeWhile((job) => !isEnded(job), true),
      takeUntil(this.stopping),
    )
  }

  /** The job when it has ended; as it stands when the process stops before that. */
  async waitForEnd(id: string): Promise<IngestionResponse> {
    const changes = await this.watch(id)
    return lastValueFrom(changes, { defaultValue: await this.get(id) })
  }

  async rejects(id: string, page: PageQuery): Promise<Page<RejectResponse>> {
    await this.find(id)
    const { rows, total } = await this.rejectsRepository.list(id, page)
    return pageOf(rows, page, total)
  }

  /** Why rows were rejected, the most frequent reason first. */
  async rejectReasons(id: string, page: PageQuery): Promise<Page<RejectSummaryResponse>> {
    await this.find(id)
    const { reasons, total } = await this.rejectsRepository.summarize(id, page)
    return pageOf(reasons, page, total)
  }

  /** The rejected records under the file's own header, to be corrected and sent again. */
  async rejectsAsFile(
    id: string,
    page: PageQuery | undefined,
    signal: AbortSignal,
  ): Promise<{ format: Format; header: Buffer; records: Readable }> {
    const { format } = await this.find(id)
    const header = (await this.ingestions.sourceHeader(id)) ?? Buffer.alloc(0)
    return { format, header, records: await this.rejectsRepository.streamRecords(id, page, signal) }
  }

  /** What is done to a job is one commit with its entry in the audit trail. */
  private audited(action: string, act: () => Promise<IngestionEntity | null>): Promise<IngestionEntity | null> {
    return this.database.transaction(async () => {
      const job = await act()
      const { dataset, fileName } = job ?? {}
      if (job) await this.audit.record({ action, target: job.id, details: { dataset, fileName } })
      return job
    })
  }

  private async find(id: string): Promise<IngestionEntity> {
    const job = await this.ingestions.find(id)
    if (!job) throw new NotFoundError('This ingestion')
    return job
  }
}

/** What looks like no other format would be read as CSV. */
function unsupportedType(type: string): AppError {
  const message = `A file of the type ${type.slice(0, 100)} cannot be read; send csv, tsv, json, ndjson, xml or parquet, or set the option format.`
  return new AppError('UNSUPPORTED_FORMAT', message)
}

/** Users are read here and not by ClickHouse, which alone can read Parquet. */
function refuseUsersAs(format: Format | undefined, dataset: DatasetDefinition): void {
  if (dataset === USERS && format === 'parquet')
    throw new AppError('UNSUPPORTED_FORMAT', 'Users cannot come as parquet; send csv, tsv, json, ndjson or xml.')
}
