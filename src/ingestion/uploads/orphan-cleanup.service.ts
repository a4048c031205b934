import { Injectable, Logger, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common'
import { hostname } from 'node:os'
import { Database } from '../database/database.js'
import { identifier } from '../warehouse/identifier.js'
import { TableLayout } from '../warehouse/table-layout.js'
import { Warehouse } from '../warehouse/warehouse.js'
import { Spool } from './spool.js'
import { UserImportRepository } from './user-import/user-import.repository.js'

const SWEEP_MS = 10 * 60_000
/** An upload to which no byte was added for so long has no writer any more, whichever machine it was on. */
const ABANDONED_MS = 60 * 60_000

/**
 * Removes what processes that died left behind: half-written uploads, files of jobs that have ended, and tables of such
 * jobs. At start and now and then, by one instance at a time.
 */
@Injectable()
export class LeftoversService implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly logger = new Logger('Ingestion')
  private timer?: NodeJS.Timeout

  constructor(
    private readonly spool: Spool,
    private readonly database: Database,
    private readonly warehouse: Warehouse,
    private readonly layout: TableLayout,
    private readonly userImport: UserImportRepository,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    this.timer = setInterval(() => void this.sweep(), SWEEP_MS)
    await this.sweep()
  }

  onApplicationShutdown(): void {
    clearInterval(this.timer)
  }

  private async sweep(): Promise<void> {
    try {
      await this.database.withAdvisoryLock('ingestion leftovers', async () => {
        await this.sweepFiles()
        await this.sweepTables()
        await this.userImport.dropLeftovers()
      })
    } catch (error) {
      this.logger.warn(`leftovers could not be looked for: ${(error as Error).message}`)
    }
  }

  private async sweepFiles(): Promise<void> {
    const files = await this.spool.list()
    const isAbandoned = ({ changedAt }: { changedAt: Date }): boolean => Date.now() - changedAt.getTime() > ABANDONED_MS
    for (const file of files.filter(({ writer }) => writer))
      if (isAbandoned(file) || isDead(file.writer!)) await this.removeFile(file.name)

    const waiting = files.filter(({ writer }) => !writer)
    const statuses = await this.statusesOf(waiting.map(({ id }) => id))
    for (const file of waiting) {
      const status = statuses.get(file.id)
      // A file becomes visible a moment before its job does.
      const isLitter = status ? !['queued', 'running'].includes(status) : isAbandoned(file)
      if (isLitter) await this.removeFile(file.name)
    }
  }

  private async removeFile(name: string): Promise<void> {
    await this.spool.removeFile(name)
    this.logger.log(`removed ${name}, which a process left behind`)
  }

  private async statusesOf(ids: string[]): Promise<Map<string, string>> {
    if (ids.length === 0) return new Map()
    const rows = await this.database.query<{ id: string; status: string }>(
      'SELECT id, status FROM ingestions WHERE id = ANY ($1)',
      [ids],
    )
    return new Map(rows.map(({ id, status }) => [id, status]))
  }

  /** Tables are named by kind, number of the job and attempt. */
  private async sweepTables(): Promise<void> {
    const tables = await this.warehouse.query<{ name: string; engine: string }>(
      `SELECT name, engine FROM system.tables
       WHERE database = currentDatabase() AND match(name, '^ingestion_[a-z]+_[0-9]+_[0-9]+(_local)?$')`,
    )
    const numberOf = (name: string): number =>
      Number(
        name
          .replace(/_local$/, '')
          .split('_')
          .at(-2),
      )
    const needed = await this.neededNumbers([...new Set(tables.map(({ name }) => numberOf(name)))])
    const litter = tables.filter(({ name }) => !needed.has(numberOf(name)))
    // Views before the tables that they read and fill.
    const isView = ({ engine }: { engine: string }): boolean => engine === 'MaterializedView'
    for (const { name } of [...litter.filter(isView), ...litter.filter((table) => !isView(table))])
      await this.warehouse.command(`DROP TABLE IF EXISTS ${identifier(name)}${this.layout.onCluster}`)
    if (litter.length > 0) this.logger.log(`dropped ${litter.length} tables of jobs that have ended`)
  }

  private async neededNumbers(numbers: number[]): Promise<Set<number>> {
    if (numbers.length === 0) return new Set()
    const rows = await this.database.query<{ number: number }>(
      `SELECT number::float8 AS number FROM ingestions WHERE number = ANY ($1)
       AND (status IN ('queued', 'running') OR (deletion_started_at IS NOT NULL AND deleted_at IS NULL))`,
      [numbers],
    )
    return new Set(rows.map(({ number }) => number))
  }
}

/** A process of this machine that is no more. A container gives every process the same id: ours is not that one. */
function isDead({ host, pid, isThisProcess }: { host: string; pid: number; isThisProcess: boolean }): boolean {
  if (host !== hostname() || isThisProcess) return false
  if (pid === process.pid) return true
  try {
    process.kill(pid, 0)
    return false
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH'
  }
}
