import { Injectable, Logger, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common'
import { EventEmitter2, OnEvent } from '@nestjs/event-emitter'
import { Database } from '../infrastructure/database/database.js'
import { DATASET_CHANGED, type DatasetEvent } from '../datasets/dataset-events.js'
import { DatasetVersions } from '../datasets/dataset-versions.js'
import { identityOf } from '../datasets/dataset-definition.js'
import { TRANSACTIONS } from '../datasets/transactions.dataset.js'
import { ClickHouse } from '../infrastructure/clickhouse/clickhouse.js'
import { ReplicaRowsService } from '../infrastructure/clickhouse/replica-rows.js'
import { ORDERS_CHANGED } from './orders.service.js'
import { OutboxRepository, type OutboxRow } from './outbox.repository.js'

const BATCH_ROWS = 10_000
/** Finds what another process, or one that died, left behind. */
const SWEEP_MS = 2_000

/**
 * Brings the items of orders into the dataset. A batch leaves the outbox in the transaction that follows its insert into
 * ClickHouse, so each row arrives at least once; arriving twice changes nothing, because the table keeps one row a
 * key, the one of the greatest version, and a row's version is its number in the outbox.
 */
@Injectable()
export class OutboxService implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly logger = new Logger('Outbox')
  private timer?: NodeJS.Timeout
  private pumping?: Promise<void>
  private isWanted = false

  constructor(
    private readonly outbox: OutboxRepository,
    private readonly database: Database,
    private readonly clickhouse: ClickHouse,
    private readonly replicas: ReplicaRowsService,
    private readonly versions: DatasetVersions,
    private readonly events: EventEmitter2,
  ) {}

  onApplicationBootstrap(): void {
    this.timer = setInterval(() => this.pump(), SWEEP_MS)
  }

  async beforeApplicationShutdown(): Promise<void> {
    clearInterval(this.timer)
    await this.pumping
  }

  /** One batch at a time; what comes meanwhile goes with the next. */
  @OnEvent(ORDERS_CHANGED)
  pump(): void {
    this.isWanted = true
    this.pumping ??= this.sendAll().finally(() => (this.pumping = undefined))
  }

  private async sendAll(): Promise<void> {
    try {
      while (this.isWanted) {
        this.isWanted = false
        const sent = await this.database.transaction(() => this.sendBatch())
        if (sent === 0) continue
        this.events.emit(DATASET_CHANGED, { dataset: TRANSACTIONS.name } satisfies DatasetEvent)
        if (sent === BATCH_ROWS) this.isWanted = true
      }
    } catch (error) {
      this.logger.warn(`order items wait in the outbox: ${(error as Error).message}`)
    }
  }

  private async sendBatch(): Promise<number> {
    const rows = await this.outbox.lockOldest(BATCH_ROWS)
    if (rows.length === 0) return 0
    await this.insert(rows)
    await this.expectReplicated(rows)
    await this.outbox.remove(rows)
    await this.versions.bump(TRANSACTIONS.name)
    return rows.length
  }

  /** They leave the outbox when the replicas of a cluster have them, or later ones of their keys. */
  private async expectReplicated(rows: OutboxRow[]): Promise<void> {
    const [key] = identityOf(TRANSACTIONS) as [string]
    const keys = [...new Set(rows.map(({ json }) => (JSON.parse(json) as Record<string, string>)[key]!))]
    const [where, counted] = [`${key} IN {keys:Array(String)} AND _version >= {first:UInt64}`, `uniqExact(${key})`]
    const params = { keys, first: rows[0]!.seq }
    await this.replicas.expectReplicated({ table: TRANSACTIONS.table, where, params, counted }, keys.length)
  }

  private async insert(rows: OutboxRow[]): Promise<void> {
    const columns = [...TRANSACTIONS.columns.map(({ member }) => member), '_version', '_deleted']
    const lines = rows.map(({ json }) => json).join('\n')
    await this.clickhouse.insert(TRANSACTIONS.table, columns, 'JSONEachRow', Buffer.from(lines), {})
  }
}
