import { Injectable, Logger, type OnModuleInit } from '@nestjs/common'
import { Interval } from '@nestjs/schedule'
import { Config } from '../config/config.js'
import { Database } from '../infrastructure/database/database.js'

const DAY_MS = 86_400_000
/** This month and the next ones: a server that nobody restarts has weeks to make them. */
const MONTHS_AHEAD = 3

/** Monthly partitions of the request log: made ahead of time, dropped when they are older than LOG_RETENTION_DAYS. */
@Injectable()
export class LogPartitionsService implements OnModuleInit {
  private readonly logger = new Logger('RequestLog')

  constructor(
    private readonly database: Database,
    private readonly config: Config,
  ) {}

  onModuleInit(): Promise<void> {
    return this.maintain()
  }

  @Interval(DAY_MS / 4)
  async maintainQuietly(): Promise<void> {
    await this.maintain().catch((error: unknown) => this.logger.warn(`partitions of the log: ${String(error)}`))
  }

  /** By one instance at a time; the others find it done. */
  async maintain(now = new Date()): Promise<void> {
    const months = Array.from({ length: MONTHS_AHEAD }, (_, ahead) => monthOf(now, ahead))
    await this.ensureFor(months)
    await this.database.withAdvisoryLock('request-log-retention', () => this.dropOld(now))
  }

  /** Makes the partitions of these times where they are missing. */
  async ensureFor(times: Date[]): Promise<void> {
    const months = new Set(times.map((time) => monthOf(time).toISOString()))
    for (const month of months) await this.create(new Date(month))
  }

  private async create(month: Date): Promise<void> {
    const name = `request_logs_${month.toISOString().slice(0, 7).replace('-', '_')}`
    // Two instances that start together would both find it missing, and one would fail.
    await this.database.transaction(async () => {
      await this.database.query(`SELECT pg_advisory_xact_lock(hashtextextended('request-log-partitions', 0))`)
      await this.database.query(
        `CREATE TABLE IF NOT EXISTS ${name} PARTITION OF request_logs
         FOR VALUES FROM ('${month.toISOString()}') TO ('${monthOf(month, 1).toISOString()}')`,
      )
    })
  }

  private async dropOld(now: Date): Promise<void> {
    const oldest = monthOf(new Date(now.getTime() - this.config.logRetentionDays * DAY_MS))
    const limit = `request_logs_${oldest.toISOString().slice(0, 7).replace('-', '_')}`
    const old = await this.database.query<{ name: string }>(
      `SELECT c.relname AS name FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
       WHERE i.inhparent = 'request_logs'::regclass AND c.relname ~ '^request_logs_\\d{4}_\\d{2}$' AND c.relname < $1`,
      [limit],
    )
    for (const { name } of old) {
      await this.database.query(`DROP TABLE IF EXISTS ${name}`)
      this.logger.log(`dropped ${name}: older than ${this.config.logRetentionDays} days`)
    }
  }
}

/** The first moment of the month, in UTC, `ahead` months later. */
function monthOf(time: Date, ahead = 0): Date {
  return new Date(Date.UTC(time.getUTCFullYear(), time.getUTCMonth() + ahead))
}
