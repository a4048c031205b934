import { rmSync } from 'node:fs'
import type pg from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { PostgresClient } from '../../src/infrastructure/database/postgres-client.js'
import { BackupCli } from '../support/backup-cli.js'
import { copyWith, manifestOf, replaceRows } from '../support/backup-files.js'
import { TestEngines } from '../support/engines.js'
import { FilledSystem } from '../support/filled-system.js'
import { startProgram } from '../support/program.js'
import { startServer } from '../support/server.js'

const ENCRYPTION_KEY = '8c1bd9c6f2a0471f8d9f1d2b6a7e5c3f8c1bd9c6f2a0471f8d9f1d2b6a7e5c3f'
const ENV = { RATE_LIMIT_PER_MINUTE: '1000000' }

describe('a backup of everything', () => {
  const backups = new BackupCli()
  /** the same system as a folder and as a file */
  const whole = backups.unused('whole')
  const file = backups.unused('whole.tar')
  let system: FilledSystem

  beforeAll(async () => {
    system = await FilledSystem.create(await startServer({ env: { ...ENV, ENCRYPTION_KEY } }))
    for (const path of [whole, file]) await backups.backUp(path, { DATA_DIR: system.server.dataDir })
    await system.server.stop({ keepData: true })
  })
  afterAll(() => {
    rmSync(system.server.dataDir, { recursive: true, force: true })
    backups.remove()
  })

  it('restored below a new DATA_DIR, is the same system', async () => {
    const dataDir = backups.unused('data')
    await backups.restore(whole, { DATA_DIR: dataDir, ENCRYPTION_KEY })
    const restored = await startServer({ env: { ...ENV, ENCRYPTION_KEY }, dataDir, rootKey: system.server.rootKey })
    await system.expectSame(restored)
    await backups.expectRefusal('restore', whole, { DATA_DIR: dataDir, ENCRYPTION_KEY }, 'is in use by the process')
    await restored.stop({ keepData: true })
    await backups.expectRefusal(
      'restore',
      whole,
      { DATA_DIR: dataDir, ENCRYPTION_KEY },
      'The databases are not empty: there are',
    )
  })

  it('is made of a system that does not run', async () => {
    const path = backups.unused('stopped')
    await backups.backUp(path, { DATA_DIR: system.server.dataDir })
    const rows = (backup: string) => manifestOf(backup).files.map((each) => [each.name, each.rows])
    expect(rows(path).sort()).toEqual(rows(whole).sort())
  })

  describe('on servers', () => {
    let engines: TestEngines
    let env: Record<string, string>

    beforeAll(async () => {
      engines = await TestEngines.start()
      env = { ...engines.urls, DATA_DIR: engines.dataDir, CLICKHOUSE_DATABASE: 'shop', ENCRYPTION_KEY }
    })
    afterAll(async () => {
      await engines?.stop()
    })

    /** Until its modules run, then the end of it. */
    async function startWorker(): Promise<string> {
      const worker = startProgram('worker', env)
      await Promise.race([worker.printed(/Waiting for ingestions/).catch(() => undefined), worker.exited])
      await worker.end()
      return worker.output()
    }

    it('a restore that is killed is noticed by the next start, and can be repeated as it is', async () => {
      // Started once, so there are tables, a root key and a partition of the log.
      await startWorker()
      const database = new PostgresClient({ connectionString: env.POSTGRES_URL })
      await database.connect()
      await database.query('BEGIN')
      await database.query('ALTER SEQUENCE outbox_seq_seq INCREMENT BY 1')
      const restoring = backups.start('restore', file, env)
      try {
        // All rows are written when it waits for the sequence.
        await expect.poll(() => waiting(database)).toBe(1)
      } finally {
        restoring.process.kill('SIGKILL')
        await restoring.ended
        await database.end()
      }
      expect(await startWorker()).toContain('A restore into these databases did not come to its end. Run')
      await backups.restore(file, env)
      expect(await startWorker()).not.toContain('did not come to its end')
    })

    it('restored from a file, is the same system; and is refused while a process runs there', async () => {
      const restored = await startServer({
        env: { ...ENV, ...env },
        dataDir: backups.unused('spool'),
        rootKey: system.server.rootKey,
      })
      await system.expectSame(restored)
      await backups.expectRefusal('restore', file, env, '1 API or worker processes run on')
      await backups.backUp(backups.unused('servers.tar'), env)
      expect(await restored.stop()).toBe(0)
      await backups.expectRefusal('restore', file, env, 'The databases are not empty')
    })

    it('whose rows cannot be loaded leaves the databases empty', async () => {
      const other = { ...env, CLICKHOUSE_DATABASE: 'other', POSTGRES_URL: await newDatabase(env.POSTGRES_URL!) }
      const spoil = (rows: string): string => rows.replace('\t', '\tnot a number')
      const change = (backup: string): void => replaceRows(backup, 'postgres/credit_grants.000001.tsv.gz', spoil)
      const path = copyWith(change, { from: whole, to: backups.unused('unloadable') })
      await backups.expectRefusal('restore', path, other, 'invalid input syntax for type bigint')
      await backups.restore(whole, other)
    })
  })
})

/** Statements that wait for a lock. */
async function waiting(database: pg.Client): Promise<number> {
  // Inside a transaction the activity of others stands still.
  await database.query('SELECT pg_stat_clear_snapshot()')
  const { rows } = await database.query<{ waiting: number }>(
    `SELECT count(*)::int AS waiting FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE 'SELECT setval%'`,
  )
  return rows[0]!.waiting
}

async function newDatabase(postgresUrl: string): Promise<string> {
  const client = new PostgresClient({ connectionString: postgresUrl })
  await client.connect()
  await client.query('CREATE DATABASE other')
  await client.end()
  return postgresUrl.replace('/postgres?', '/other?')
}
