import { Logger } from '@nestjs/common'
import pg from 'pg'
import { DataSource } from 'typeorm'
import { postgresMigrations } from '../../migrations/postgres/index.js'
import { dataSourceOptions } from './data-source-options.js'

const LOCK = 'countinghouse:migrations'

/**
 * Runs `work` while no other process migrates: instances that start together wait for the first one here, then find
 * nothing left to do.
 */
export async function withMigrationLock(postgresUrl: string, work: () => Promise<void>): Promise<void> {
  const client = new pg.Client({ connectionString: postgresUrl, application_name: 'countinghouse migrations' })
  await client.connect()
  try {
    await client.query('SELECT pg_advisory_lock(hashtextextended($1, 0))', [LOCK])
    await work()
  } finally {
    await client.end()
  }
}

/** Applies the PostgreSQL migrations that have not run yet, each in its own transaction. */
export async function migrateDatabase(postgresUrl: string): Promise<void> {
  const dataSource = new DataSource({ ...dataSourceOptions(postgresUrl, 2), migrations: postgresMigrations })
  await dataSource.initialize()
  try {
    const applied = await dataSource.runMigrations({ transaction: 'each' })
    for (const { name } of applied) new Logger('Migrations').log(`PostgreSQL: ${name}`)
  } finally {
    await dataSource.destroy()
  }
}
