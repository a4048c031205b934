import { Injectable } from '@nestjs/common'
import { Database } from '../infrastructure/database/database.js'

/** The monthly partitions of `request_logs`; a month is named by its first moment, in UTC. */
@Injectable()
export class LogPartitionsRepository {
  constructor(private readonly database: Database) {}

  async createIfMissing(month: Date, nextMonth: Date): Promise<void> {
    // Two instances that start together would both find it missing, and one would fail.
    await this.database.transaction(async () => {
      await this.database.query(`SELECT pg_advisory_xact_lock(hashtextextended('request-log-partitions', 0))`)
      await this.database.query(createPartitionSql(month, nextMonth))
    })
  }

  /** Drops those of earlier months, by one instance at a time; gives their names. */
  async dropBefore(month: Date): Promise<string[]> {
    return (await this.database.withAdvisoryLock('request-log-retention', () => this.drop(month))) ?? []
  }

  private async drop(month: Date): Promise<string[]> {
    const old = await this.database.query<{ name: string }>(
      `SELECT c.relname AS name FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
       WHERE i.inhparent = 'request_logs'::regclass AND c.relname ~ '^request_logs_\\d{4}_\\d{2}$' AND c.relname < $1`,
      [nameOf(month)],
    )
    for (const { name } of old) await this.database.query(`DROP TABLE IF EXISTS ${name}`)
    return old.map(({ name }) => name)
  }
}

/** Adds a month's partition unless it is there. */
export function createPartitionSql(month: Date, nextMonth: Date): string {
  return `CREATE TABLE IF NOT EXISTS ${nameOf(month)} PARTITION OF request_logs
    FOR VALUES FROM ('${month.toISOString()}') TO ('${nextMonth.toISOString()}')`
}

function nameOf(month: Date): string {
  return `request_logs_${month.toISOString().slice(0, 7).replace('-', '_')}`
}
