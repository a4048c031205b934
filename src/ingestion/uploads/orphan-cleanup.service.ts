import { Injectable, Logger, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common'
import { hostname } from 'node:os'
import { Database } from '../../infrastructure/database/database.js'
import { TableLayout } from '../../infrastructure/clickhouse/table-layout.js'
import { ClickHouse } from '../../infrastructure/clickhouse/clickhouse.js'
import { isEnded } from '../ingestion.js'
import { IngestionsRepository } from '../ingestions.repository.js'
import { UploadStorage } from './upload-storage.js'
import { UserImportRepository } from '../users/user-import.repository.js'

const SWEEP_MS = 10 * 60_000
/** An upload to which no byte was added for so long has no writer any more, whichever machine it was on. */
const ABANDONED_MS = 60 * 60_000

/**
 * Removes what processes that died left behind: half-written uploads, files of jobs that have ended, and tables of such
 * jobs. At start and now and then, by one instance at a time.
 */
@Injectable()
export class OrphanCleanupService implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly logger = new Logger('Ingestion')
  private timer?: NodeJS.Timeout

  constructor(
    private readonly storage: UploadStorage,
    private readonly database: Database,
    private readonly clickhouse: ClickHouse,
    private readonly layout: TableLayout,
    private readonly ingestions: IngestionsRepository,
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
      await this.database.withAdvisoryLock('ingestion orphans', async () => {
        await this.sweepFiles()
        await this.sweepTables()
        await this.userImport.dropOrphans()
      })
    } catch (error) {
      this.logger.warn(`orphaned uploads and tables could not be looked for: ${(error as Error).message}`)
    }
  }

  private async sweepFiles(): Promise<void> {
    const files = await this.storage.list()
    const isAbandoned = ({ changedAt }: { changedAt: Date }): boolean => Date.now() - changedAt.getTime() > ABANDONED_MS
    for (const file of files.filter(({ writer }) => writer))
      if (isAbandoned(file) || isDead(file.writer!)) await this.removeFile(file.name)

    const waiting = files.filter(({ writer }) => !writer)
    const jobs = await this.ingestions.findByIds(waiting.map(({ id }) => id))
    const jobOf = new Map(jobs.map((job) => [job.id, job]))
    for (const file of waiting) {
      const job = jobOf.get(file.id)
      // A file becomes visible a moment before its job does.
      const isOrphan = job ? isEnded(job) : isAbandoned(file)
      if (isOrphan) await this.removeFile(file.name)
    }
  }

  private async removeFile(name: string): Promise<void> {
    await this.storage.removeFile(name)
    this.logger.log(`removed ${name}, which a process that has ended left behind`)
  }

  /** Tables are named by kind, number of the job and attempt. */
  private async sweepTables(): Promise<void> {
    const tables = await this.clickhouse.query<{ name: string; engine: string }>(
      `SELECT name, engine FROM system.tables
       WHERE database = currentDatabase() AND match(name, '^ingestion_[a-z_]+_[0-9]+_[0-9]+(_local)?$')`,
    )
    const numberOf = (name: string): number =>
      Number(
        name
          .replace(/_local$/, '')
          .split('_')
          .at(-2),
      )
    const needed = await this.ingestions.findUnfinished([...new Set(tables.map(({ name }) => numberOf(name)))])
    const orphans = tables.filter(({ name }) => !needed.has(numberOf(name)))
    // Views before the tables that they read and fill.
    const isView = ({ engine }: { engine: string }): boolean => engine === 'MaterializedView'
    for (const { name } of [...orphans.filter(isView), ...orphans.filter((table) => !isView(table))])
      await this.clickhouse.command(this.layout.dropOne(name), { settings: this.layout.dropSettings })
    if (orphans.length > 0) this.logger.log(`dropped ${orphans.length} tables of jobs that have ended`)
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
