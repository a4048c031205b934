import { Injectable, Logger, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common'
import { ChangeWatch } from '../infrastructure/database/change-watch.js'
import { Notifications } from '../infrastructure/database/notifications.js'
import { BUILT_IN_DATASETS } from './built-in-datasets.js'
import { CoalescedRead } from './coalesced-read.js'
import type { DatasetDefinition } from './dataset-definition.js'
import { DatasetLookup } from './dataset-lookup.js'
import type { DatasetEntity } from './declared/dataset.entity.js'
import { DeclaredDatasetsRepository } from './declared/declared-datasets.repository.js'
import { definitionOf } from './declared/definition-of.js'

const CHANNEL = 'countinghouse_datasets'

/**
 * All datasets, built in and declared, in memory: PostgreSQL holds the declarations and tells every instance of a change.
 * An unchanged dataset stays the same object, so that what is remembered of it may be kept under it.
 */
@Injectable()
export class DatasetRegistry implements OnModuleInit, OnModuleDestroy {
  private readonly reading = new CoalescedRead(() => this.read())
  private known = new Map<string, { revision: number; definition: DatasetDefinition }>()
  private lookup = new DatasetLookup()
  private readonly watch: ChangeWatch

  constructor(
    private readonly declared: DeclaredDatasetsRepository,
    notifications: Notifications,
  ) {
    this.watch = new ChangeWatch(notifications, CHANNEL, () => this.reload(), new Logger('Datasets'))
  }

  async onModuleInit(): Promise<void> {
    await this.reload()
    this.watch.start()
  }

  onModuleDestroy(): void {
    this.watch.stop()
  }

  /** As they are known now: a change by another instance is in it within a second. Callers get theirs of AccessibleDatasets. */
  get current(): DatasetLookup {
    return this.lookup
  }

  /** As PostgreSQL has them now. */
  reload(): Promise<DatasetLookup> {
    return this.reading.get()
  }

  private async read(): Promise<DatasetLookup> {
    const entities = await this.declared.findStanding()
    this.known = new Map(entities.map((entity) => [entity.id, this.knownOf(entity)]))
    const declared = [...this.known.values()].map(({ definition }) => definition)
    this.lookup = new DatasetLookup([...BUILT_IN_DATASETS, ...declared])
    return this.lookup
  }

  private knownOf(entity: DatasetEntity) {
    const known = this.known.get(entity.id)
    return known?.revision === entity.revision ? known : { revision: entity.revision, definition: definitionOf(entity) }
  }
}
