import { Injectable } from '@nestjs/common'
import { OnEvent } from '@nestjs/event-emitter'
import { v7 as uuidv7 } from 'uuid'
import { AppError, NotFoundError, ValidationError } from '../../common/errors/app-error.js'
import { UnknownNameError } from '../../common/errors/unknown-name.error.js'
import { pageOf, type Page, type PageQuery } from '../../common/pagination.dto.js'
import { Config } from '../../config/config.js'
import { DATASET_DROPPED, type DatasetEvent } from '../../datasets/dataset-events.js'
import { DatasetRegistry } from '../../datasets/dataset-registry.js'
import { IngestionsService } from '../ingestions.service.js'
import { baseName } from './readers/source-reader.js'
import type { FolderLocation, HttpLocation, S3Location, SourceLocation, SourceType } from './source.js'
import type { SourceEntity } from './source.entity.js'
import { SourceObjectsRepository } from './source-objects.repository.js'
import { uploadOptionsOf } from './source-options.js'
import { scheduledAfter, scheduleProblem } from './source-schedule.js'
import { SourceSecretsCipher } from './source-secrets.js'
import { isElsewhere, settingsOf } from './source-settings.js'
import type { Source, SourceObject } from './source-response.dto.js'
import type { CreateSourceBody, UpdateSourceBody } from './sources.dto.js'
import { SourcesRepository } from './sources.repository.js'

const MAX_SOURCES = 100
const MAX_NAME_CHARACTERS = 100

/** Where the files of a dataset are pulled from, as admins set it. SourceWorker does the pulling. */
@Injectable()
export class SourcesService {
  constructor(
    private readonly sources: SourcesRepository,
    private readonly objects: SourceObjectsRepository,
    private readonly secrets: SourceSecretsCipher,
    private readonly ingestions: IngestionsService,
    private readonly registry: DatasetRegistry,
    private readonly config: Config,
  ) {}

  /** In the transaction of the drop. */
  @OnEvent(DATASET_DROPPED, { suppressErrors: false })
  async removeOf({ dataset }: DatasetEvent): Promise<void> {
    await this.sources.removeOf(dataset)
  }

  async list(dataset: string, page: PageQuery): Promise<Page<Source>> {
    await this.requireFileDataset(dataset)
    const { data, pagination } = await this.sources.list(dataset, page)
    return pageOf(data.map(responseOf), page, pagination.total)
  }

  async get(dataset: string, id: string): Promise<Source> {
    return responseOf(await this.find(dataset, id))
  }

  async create(dataset: string, body: CreateSourceBody): Promise<Source> {
    await this.requireFileDataset(dataset)
    const { type, schedule, isEnabled = true, options = {} } = body
    requireSchedule(schedule)
    await this.requireOptions(dataset, options)
    const { location, secrets } = await settingsOf(type, body, undefined, this.config)
    if ((await this.sources.count(dataset)) >= MAX_SOURCES)
      throw new AppError('CONFLICT', `A dataset may have ${MAX_SOURCES} sources; delete one first.`)
    const id = uuidv7()
    const source = await this.sources.create({
      id,
      dataset,
      name: body.name ?? nameOf(type, location),
      type,
      schedule,
      isEnabled,
      options,
      location,
      ...this.secrets.columnsOf(id, secrets),
      nextRunAt: isEnabled ? scheduledAfter(schedule, new Date()) : null,
    })
    return responseOf(source)
  }

  /** What failed before is no reason to wait longer with other settings. */
  async update(dataset: string, id: string, body: UpdateSourceBody): Promise<Source> {
    const source = await this.find(dataset, id)
    const { name, schedule = source.schedule, isEnabled = source.isEnabled, options = source.options } = body
    requireSchedule(schedule)
    await this.requireOptions(dataset, options)
    const before = { location: source.location, secrets: this.secrets.secretsOf(id, source) }
    const { location, secrets } = await settingsOf(source.type, body, before, this.config)
    const changed = await this.sources.change(id, {
      name,
      schedule,
      isEnabled,
      options: options as never,
      location,
      ...this.secrets.columnsOf(id, secrets),
      nextRunAt: isEnabled ? scheduledAfter(schedule, new Date()) : null,
      consecutiveFailures: 0,
    })
    // Behind the change, which ends a run that could still note what it finds.
    if (isElsewhere(source.type, source.location, location)) await this.objects.forget(id)
    return responseOf(changed)
  }

  async remove(dataset: string, id: string): Promise<void> {
    await this.find(dataset, id)
    if (!(await this.sources.remove(id))) throw new NotFoundError('The source')
  }

  async run(dataset: string, id: string, retryFailed: boolean): Promise<Source> {
    await this.find(dataset, id)
    return responseOf(await this.sources.requestRun(id, retryFailed))
  }

  async listObjects(dataset: string, id: string, page: PageQuery): Promise<Page<SourceObject>> {
    await this.find(dataset, id)
    return this.objects.list(id, page)
  }

  private async find(dataset: string, id: string): Promise<SourceEntity> {
    const source = await this.sources.findIn(dataset, id)
    if (!source) throw new NotFoundError('The source')
    return source
  }

  private async requireFileDataset(name: string): Promise<void> {
    const datasets = await this.registry.reload()
    if (datasets.findForFiles(name)) return
    const names = datasets.forFiles.map((dataset) => dataset.name)
    if (!datasets.find(name)) throw new UnknownNameError('dataset', 'name', name, names)
    const message = 'takes no files, so it can have no sources; its rows come as events by POST /api/ingest'
    throw new ValidationError([{ path: 'name', message: `${name} ${message}` }])
  }

  /** Under their own names: ValidationError of an upload has the names of its fields. */
  private async requireOptions(dataset: string, options: Record<string, unknown>): Promise<void> {
    try {
      await this.ingestions.planOf(await uploadOptionsOf(dataset, options))
    } catch (error) {
      if (!(error instanceof ValidationError)) throw error
      const errors = error.options.errors ?? []
      throw new ValidationError(errors.map(({ path, message }) => ({ path: `options.${path}`, message })))
    }
  }
}

function requireSchedule(schedule: string): void {
  const problem = scheduleProblem(schedule)
  if (problem) throw new ValidationError([{ path: 'schedule', message: problem }])
}

/** What tells a source from the others of its dataset, as far as its location does. */
function nameOf(type: SourceType, location: SourceLocation): string {
  const names: Record<SourceType, () => string> = {
    folder: () => (location as FolderLocation).path || 'SOURCES_DIR',
    http: () => {
      const { hostname, pathname } = new URL((location as HttpLocation).urls[0]!)
      return `${hostname}/${baseName(pathname)}`
    },
    s3: () => `${(location as S3Location).bucket}/${(location as S3Location).prefix}`,
  }
  return names[type]().slice(0, MAX_NAME_CHARACTERS)
}

function responseOf(source: SourceEntity): Source {
  const { id, dataset, name, type, schedule, isEnabled, options, location } = source
  const { createdAt, lastRunAt, lastError, consecutiveFailures, nextRunAt, leaseExpiresAt } = source
  const isLeased = leaseExpiresAt !== null && leaseExpiresAt > new Date()
  return {
    ...{ id, dataset, name, type, schedule, isEnabled, options, ...location },
    hasSecrets: source.secrets !== null || source.secretsCiphertext !== null,
    ...{ createdAt, lastRunAt, lastError, consecutiveFailures, nextRunAt },
    isRunning: isLeased || source.runRequestedAt !== null,
  }
}
