import { Logger } from '@nestjs/common'
import { DataSource } from 'typeorm'
import { postgresMigrations } from '../../../migrations/postgres/index.js'
import { checkMigrations } from '../../common/errors/incompatible-schema.error.js'
import { dataSourceOptions } from './data-source-options.js'
import { PostgresClient } from './postgres-client.js'
import { requireWhole } from './unfinished-restore.js'

const LOCK = 'countinghouse:migrations'
/** Those of version 0.1.0: `Accounts1700000000001` to `WebhookSecrets1700000000165`. */
const OLDER = /1700000000\d{3}$/

/**
 * Runs `work` while no other process migrates: instances that start together wait for the first one here, then find
 * nothing left to do.
 */
export async function withMigrationLock(postgresUrl: string, work: () => Promise<void>): Promise<void> {
  const client = new PostgresClient({ connectionString: postgresUrl, application_name: 'countinghouse migrations' })
  await client.connect()
  try {
    await client.query('SELECT pg_advisory_lock(hashtextextended($1, 0))', [LOCK])
    await work()
  } finally {
    await client.end()
  }
}

/** The names of the migrations that this version has. */
export function knownMigrations(): string[] {
  return postgresMigrations.map(({ name }) => name)
}

/**
 * Throws IncompatibleSchemaError when another version made the database, UnfinishedRestoreError when a restore into it was
 * cut off; changes nothing.
 */
export async function checkDatabase(postgresUrl: string): Promise<void> {
  await onDataSource(postgresUrl, postgresMigrations, async (dataSource) => {
    await requireWhole(dataSource)
    const [{ exists }] = await dataSource.query<[{ exists: boolean }]>(
      `SELECT to_regclass('migrations') IS NOT NULL AS exists`,
    )
    if (!exists) return
    const rows = await dataSource.query<{ name: string }[]>('SELECT name FROM migrations ORDER BY id')
    const applied = rows.map(({ name }) => name)
    checkMigrations('PostgreSQL', { applied, known: knownMigrations(), isOlder: OLDER })
  })
}

/** Applies the PostgreSQL migrations that have not run yet (of these, when names are given), each in its own transaction. */
export async function migrateDatabase(postgresUrl: string, names = knownMigrations()): Promise<void> {
  const wanted = postgresMigrations.filter(({ name }) => names.includes(name))
  await onDataSource(postgresUrl, wanted, async (dataSource) => {
    const applied = await dataSource.runMigrations({ transaction: 'each' })
    for (const { name } of applied) new Logger('Migrations').log(`PostgreSQL: ${name}`)
  })
}

async function onDataSource(
  postgresUrl: string,
  migrations: typeof postgresMigrations,
  work: (dataSource: DataSource) => Promise<void>,
): Promise<void> {
  const dataSource = new DataSource({ ...dataSourceOptions(postgresUrl, 2), migrations })
  await dataSource.initialize()
  try {
    await work(dataSource)
  } finally {
    await dataSource.destroy()
  }
}
