import { Injectable } from '@nestjs/common'
import { EventEmitter2 } from '@nestjs/event-emitter'
import { v7 as uuidv7 } from 'uuid'
import { AuditTrail } from '../../audit/audit-trail.service.js'
import { AppError, ValidationError } from '../../common/errors/app-error.js'
import { UnknownNameError } from '../../common/errors/unknown-name.error.js'
import { pageOf, type Page, type PageQuery } from '../../common/pagination.dto.js'
import { Database } from '../../infrastructure/database/database.js'
import { uniqueViolation } from '../../infrastructure/database/database-errors.js'
import { ClickHouseTimeZones } from '../../infrastructure/clickhouse/time-zones.js'
import { BUILT_IN_DATASETS, RESERVED_NAMES } from '../built-in-datasets.js'
import { DATASET_DROPPED, type DatasetEvent } from '../dataset-events.js'
import { EffectiveAccess } from '../../auth/access/effective-access.js'
import { DatasetRegistry } from '../dataset-registry.js'
import { DatasetsService } from '../datasets.service.js'
import { declarationOf, refuseChangesOfRows, changed } from './declaration-changes.js'
import type { Declaration } from './declaration.js'
import type { CreateDatasetBody, DeclaredDataset, UpdateDatasetBody } from './declaration.dto.js'
import { NAME_PATTERN } from './dataset-column.dto.js'
import type { DatasetEntity } from './dataset.entity.js'
import { DeclaredDatasetsRepository } from './declared-datasets.repository.js'
import { DeclaredTablesService } from './declared-tables.service.js'

/** Declares, changes and drops datasets: PostgreSQL has the declaration, ClickHouse a table for each. */
@Injectable()
export class DeclaredDatasetsService {
  constructor(
    private readonly declared: DeclaredDatasetsRepository,
    private readonly tables: DeclaredTablesService,
    private readonly registry: DatasetRegistry,
    private readonly datasets: DatasetsService,
    private readonly database: Database,
    private readonly events: EventEmitter2,
    private readonly audit: AuditTrail,
    private readonly timeZones: ClickHouseTimeZones,
  ) {}

  async list(page: PageQuery): Promise<Page<DeclaredDataset>> {
    const all = await this.declared.findStanding()
    const shown = all.slice(page.offset, page.offset + page.limit)
    const { names } = await this.registry.reload()
    // One may have been dropped since.
    const standing = shown.filter(({ name }) => names.includes(name))
    return pageOf(await Promise.all(standing.map((each) => this.described(each))), page, all.length)
  }

  async get(name: string): Promise<DeclaredDataset> {
    return this.describe(await this.find(name, () => this.declared.findByName(name)))
  }

  /** Throws ValidationError with all that is wrong, and CONFLICT when the name is taken. */
  async create(body: CreateDatasetBody): Promise<DeclaredDataset> {
    if (RESERVED_NAMES.includes(body.name)) throw taken(body.name)
    const declaration = declarationOf(body, this.timeZones)
    const created = await this.tables.whileChanging(() => this.database.transaction(() => this.insert(declaration)))
    return this.describe(created)
  }

  async update(name: string, body: UpdateDatasetBody): Promise<DeclaredDataset> {
    const updated = await this.tables.whileChanging(() =>
      this.database.transaction(async () => {
        const dataset = await this.find(name, () => this.declared.lock(name))
        refuseChangesOfRows(body, dataset)
        const { added, ...changes } = changed(dataset, body, this.timeZones)
        await this.tables.addColumns(dataset, added)
        await this.record('update', name, { fields: Object.keys(body), revision: dataset.revision + 1 })
        return this.declared.change(dataset, changes)
      }),
    )
    return this.describe(updated)
  }

  /** Its rows go; its jobs stay in the history. Throws CONFLICT while a load of it is being made visible. */
  async drop(name: string, confirm: string | undefined): Promise<void> {
    await this.database.transaction(async () => {
      const dataset = await this.find(name, () => this.declared.lock(name))
      if (confirm !== name)
        throw new ValidationError([{ path: 'confirm', message: `must be the name of the dataset: ${name}` }])
      await this.events.emitAsync(DATASET_DROPPED, { dataset: name } satisfies DatasetEvent)
      await this.declared.drop(dataset)
      await this.record('drop', name, {})
    })
    await this.registry.reload()
    this.tables.sweepLater()
  }

  private async insert(declaration: Declaration): Promise<DatasetEntity> {
    const id = uuidv7()
    await this.declared.insert({ id, ...declaration }).catch((error: unknown) => {
      throw uniqueViolation(error) === undefined ? error : taken(declaration.name)
    })
    const dataset = (await this.declared.find(id))!
    await this.tables.create(dataset)
    await this.record('create', dataset.name, { columns: dataset.columns.map(({ name, type }) => `${name} ${type}`) })
    return dataset
  }

  private async find(name: string, read: () => Promise<DatasetEntity | null>): Promise<DatasetEntity> {
    // PostgreSQL refuses to look for some texts that are no names.
    const dataset = NAME_PATTERN.test(name) ? await read() : null
    if (dataset) return dataset
    if (BUILT_IN_DATASETS.some((each) => each.name === name))
      throw new AppError('CONFLICT', `${name} is built in and cannot be changed; declare a dataset of your own.`)
    const { names } = await this.registry.reload()
    throw new UnknownNameError('dataset', 'name', name, names)
  }

  private record(verb: string, target: string, details: Record<string, unknown>): Promise<void> {
    return this.audit.record({ action: `dataset.${verb}`, target, details })
  }

  private async describe(dataset: DatasetEntity): Promise<DeclaredDataset> {
    await this.registry.reload()
    return this.described(dataset)
  }

  private async described(dataset: DatasetEntity): Promise<DeclaredDataset> {
    const { id, measures, price, fileOptions, revision } = dataset
    return {
      ...(await this.datasets.get(dataset.name, EffectiveAccess.UNRESTRICTED)),
      ...{ id, measures, price, fileOptions, revision },
      columns: dataset.columns.map(({ nullable: _, ...column }) => column),
      createdAt: dataset.createdAt.toISOString(),
      updatedAt: dataset.updatedAt.toISOString(),
    }
  }
}

function taken(name: string): AppError {
  return new AppError('CONFLICT', `A dataset named ${name} exists already or is reserved; choose another name.`, {
    errors: [{ path: 'name', message: 'is taken' }],
  })
}
