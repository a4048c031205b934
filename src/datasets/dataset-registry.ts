import { Injectable, Logger, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common'
import { Notifications } from '../infrastructure/database/notifications.js'
import { BUILT_IN_DATASETS } from './built-in-datasets.js'
import { CoalescedRead } from './coalesced-read.js'
import type { DatasetDefinition } from './dataset-definition.js'
import { DatasetLookup } from './dataset-lookup.js'
import type { DatasetEntity } from './declared/dataset.entity.js'
import { DeclaredDatasetsRepository } from './declared/declared-datasets.repository.js'
import { definitionOf } from './declared/definition-of.js'

const CHANNEL = 'countinghouse_datasets'
/** Asks again as often where PostgreSQL sends no notifications for now. */
const POLL_MS = 1_000

/**
 * All datasets, built in and declared, in memory: PostgreSQL holds the declarations and tells every instance of a change.
 * An unchanged dataset stays the same object, so that what is remembered of it may be kept under it.
 */
@Injectable()
export class DatasetRegistry implements OnModuleInit, OnModuleDestroy {
  private readonly logger = new Logger('Datasets')
  private readonly reading = new CoalescedRead(() => this.read())
  private known = new Map<string, { revision: number; definition: DatasetDefinition }>()
  private lookup = new DatasetLookup()
  private timer?: NodeJS.Timeout
  private stopListening?: () => void

  constructor(
    private readonly declared: DeclaredDatasetsRepository,
    private readonly notifications: Notifications,
  ) {}

  async onModuleInit(): Promise<void> {
    await this.reload()
    this.stopListening = this.notifications.listen(CHANNEL, () => this.reloadLater())
    this.timer = setInterval(() => {
      if (!this.notifications.isListening()) this.reloadLater()
    }, POLL_MS)
  }

  onModuleDestroy(): void {
    clearInterval(this.timer)
    this.stopListening?.()
  }

  /** As they are known now: a change by another instance is in it within a second. Callers get theirs of AccessibleDatasets. */
  get current(): DatasetLookup {
    return this.lookup
  }

  /** As PostgreSQL has them now. */
  reload(): Promise<DatasetLookup> {
    return this.reading.get()
  }

  private reloadLater(): void {
    this.reload().catch((error: Error) => this.logger.warn(`declarations could not be read: ${error.message}`))
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
