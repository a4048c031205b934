import { Injectable } from '@nestjs/common'
import { Database } from '../infrastructure/database/database.js'
import { identifier } from '../infrastructure/clickhouse/identifier.js'
import { ClickHouse } from '../infrastructure/clickhouse/clickhouse.js'
import { ReplicaGuard } from '../infrastructure/clickhouse/replica-guard.js'
import { DatasetRegistry } from './dataset-registry.js'
import { CoalescedRead } from './coalesced-read.js'

/** Where a dataset stands; a dataset that never got a row has version 0. */
export interface DatasetVersion {
  version: number
  lastIngestionAt: Date | null
}

interface VersionRow {
  dataset: string
  version: string
  last_ingestion_at: Date | null
}

const NEVER_FILLED: DatasetVersion = { version: 0, lastIngestionAt: null }

/**
 * The version of each dataset, shared by all instances. Answers are cached under it. It is kept in PostgreSQL, but for
 * those that are append-only: their version is the number of their rows, which ClickHouse knows without reading any.
 */
@Injectable()
export class DatasetVersions {
  private readonly all: CoalescedRead<Map<string, DatasetVersion>>
  private lastRead?: Map<string, DatasetVersion>
  private readonly appendOnly = new Map<string, CoalescedRead<DatasetVersion>>()

  constructor(
    private readonly database: Database,
    private readonly clickhouse: ClickHouse,
    private readonly guard: ReplicaGuard,
    private readonly registry: DatasetRegistry,
  ) {
    this.all = new CoalescedRead(() => this.readAll())
  }

  /** The version as it is now or later: a bump that was committed before the call is in it. */
  async current(dataset: string): Promise<DatasetVersion> {
    const definition = this.registry.current.find(dataset)
    if (definition?.appendOnly) return this.readerOf(definition.table).get()
    return (await this.all.get()).get(dataset) ?? NEVER_FILLED
  }

  /**
   * The version that was read last, at once; whoever uses it lets PostgreSQL decide whether it is still the current one
   * (ChargeCondition). Undefined when none was read, and for datasets whose version is not in PostgreSQL.
   */
  lastKnown(dataset: string): number | undefined {
    if (this.registry.current.find(dataset)?.appendOnly) return undefined
    return this.lastRead && (this.lastRead.get(dataset) ?? NEVER_FILLED).version
  }

  /** The last known version turned out to be an old one. */
  forgetLastKnown(): void {
    this.lastRead = undefined
  }

  /**
   * Moves the version, in the transaction around. The rows must be visible in ClickHouse BEFORE that transaction
   * commits: an answer that was read in between is then kept under the old version, which nobody asks for any more.
   */
  async bump(dataset: string): Promise<void> {
    await this.database.query(
      `INSERT INTO dataset_versions AS v (dataset, version, last_ingestion_at) VALUES ($1, 1, now())
       ON CONFLICT (dataset) DO UPDATE SET version = v.version + 1, last_ingestion_at = now()`,
      [dataset],
    )
  }

  /** As bump, for a change that brought no new rows: the time of the last ingestion stays. */
  async bumpAfterDeletion(dataset: string): Promise<void> {
    await this.database.query('UPDATE dataset_versions SET version = version + 1 WHERE dataset = $1', [dataset])
  }

  private readerOf(table: string): CoalescedRead<DatasetVersion> {
    const known = this.appendOnly.get(table)
    const reader = known ?? new CoalescedRead(() => this.readAppended(table))
    if (!known) this.appendOnly.set(table, reader)
    return reader
  }

  /** Both figures are in the metadata of the table's parts (its partition key is of received_at). */
  private async readAppended(table: string): Promise<DatasetVersion> {
    const sql = `SELECT count() AS version, toUnixTimestamp64Milli(max(received_at)) AS lastMs FROM ${identifier(table)}`
    // A replica that is behind would give the version of an answer from before.
    const [row] = await this.guard.read(table, (settings) =>
      this.clickhouse.query<{ version: string; lastMs: string }>(sql, { settings }),
    )
    const version = Number(row?.version ?? 0)
    return { version, lastIngestionAt: version > 0 ? new Date(Number(row!.lastMs)) : null }
  }

  private async readAll(): Promise<Map<string, DatasetVersion>> {
    const rows = await this.database.query<VersionRow>(
      'SELECT dataset, version, last_ingestion_at FROM dataset_versions',
      [],
      'dataset-versions',
    )
    this.lastRead = new Map(
      rows.map((row) => [row.dataset, { version: Number(row.version), lastIngestionAt: row.last_ingestion_at }]),
    )
    return this.lastRead
  }
}
