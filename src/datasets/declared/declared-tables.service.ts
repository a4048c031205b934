import { Injectable, Logger, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common'
import { ClickHouse } from '../../infrastructure/clickhouse/clickhouse.js'
import { TableLayout } from '../../infrastructure/clickhouse/table-layout.js'
import { Database } from '../../infrastructure/database/database.js'
import type { StoredColumn } from './declaration.js'
import type { DatasetEntity } from './dataset.entity.js'
import { DeclaredDatasetsRepository } from './declared-datasets.repository.js'
import { addColumnSql, createTableSql, dropColumnSql } from './table-ddl.js'

const SWEEP_MS = 60_000
/** An instance that has not heard of a drop yet still asks the table. */
const DROP_AFTER_MS = 3_000
const LOCK = 'declared tables'

/**
 * The tables of declared datasets. ClickHouse has no transactions with PostgreSQL, so a table is made before its
 * declaration is committed and dropped after it is gone; what a crash leaves in between is swept up.
 */
@Injectable()
export class DeclaredTablesService implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly logger = new Logger('Datasets')
  private readonly timers = new Set<NodeJS.Timeout>()
  private sweeper?: NodeJS.Timeout

  constructor(
    private readonly clickhouse: ClickHouse,
    private readonly layout: TableLayout,
    private readonly database: Database,
    private readonly declared: DeclaredDatasetsRepository,
  ) {}

  onApplicationBootstrap(): void {
    this.sweeper = setInterval(() => void this.sweep(), SWEEP_MS)
    this.sweepLater()
  }

  onApplicationShutdown(): void {
    clearInterval(this.sweeper)
    for (const timer of this.timers) clearTimeout(timer)
  }

  /** Runs `work`, which makes or changes tables and commits their declarations, while nothing is swept up. */
  whileChanging<T>(work: () => Promise<T>): Promise<T> {
    return this.database.whileLocked(LOCK, 'shared', work)
  }

  async create(dataset: DatasetEntity): Promise<void> {
    await this.execute(createTableSql(dataset))
  }

  /** They are NULL, or empty texts, in the rows from before. */
  async addColumns(dataset: DatasetEntity, columns: StoredColumn[]): Promise<void> {
    for (const column of columns) {
      if (await this.hasColumn(dataset, column)) await this.execute(dropColumnSql(dataset, column))
      await this.execute(addColumnSql(dataset, column))
    }
  }

  /** Drops what no declaration names, a few seconds from now. */
  sweepLater(): void {
    const timer = setTimeout(() => {
      this.timers.delete(timer)
      void this.sweep()
    }, DROP_AFTER_MS)
    this.timers.add(timer)
  }

  private async sweep(): Promise<void> {
    try {
      await this.database.whileLocked(LOCK, 'exclusive', () => this.dropOrphans())
    } catch (error) {
      this.logger.warn(`tables of dropped datasets could not be looked for: ${(error as Error).message}`)
    }
  }

  private async dropOrphans(): Promise<void> {
    const found = await this.clickhouse.query<{ name: string }>(
      `SELECT name FROM system.tables WHERE database = currentDatabase() AND match(name, '^dataset_[0-9]+_[a-z0-9_]+$')`,
    )
    const standing = new Set(await this.declared.findTables(DROP_AFTER_MS))
    const tables = new Set(found.map(({ name }) => name.replace(/_local$/, '')).filter((name) => !standing.has(name)))
    for (const table of [...tables].filter((name) => !standing.has(`${name}_local`))) {
      for (const statement of this.layout.drop(table))
        await this.clickhouse.command(statement, { settings: this.layout.dropSettings })
      this.logger.log(`dropped ${table}, whose dataset is gone`)
    }
  }

  private async hasColumn({ table }: DatasetEntity, { name }: StoredColumn): Promise<boolean> {
    const rows = await this.clickhouse.query(
      `SELECT 1 FROM system.columns WHERE database = currentDatabase() AND table = {table:String} AND name = {name:String}`,
      { params: { table, name } },
    )
    return rows.length > 0
  }

  private async execute(sql: string): Promise<void> {
    for (const statement of this.layout.statements(sql)) await this.clickhouse.command(statement)
  }
}
