import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { UnavailableError } from '../../src/common/errors/app-error.js'
import type { Database } from '../../src/infrastructure/database/database.js'
import { startPostgres, type TestPostgres } from '../support/postgres.js'

const LIMIT = 'idle_in_transaction_session_timeout'

describe('a process that stands still within a transaction', () => {
  let postgres: TestPostgres
  let database: Database

  beforeAll(async () => {
    postgres = await startPostgres([])
    database = await postgres.connect()
    await database.query('CREATE TABLE counters (id int PRIMARY KEY, value int)')
    await database.query('INSERT INTO counters VALUES (1, 0)')
  })
  afterAll(() => postgres?.stop())

  const limit = async (): Promise<string> => {
    const [row] = await database.query<Record<string, string>>(`SHOW ${LIMIT}`)
    return row![LIMIT]!
  }

  it('loses its locks to the others, and is told', async () => {
    const another = await postgres.connect()
    const stands = database.transaction(async () => {
      await database.query(`SET LOCAL ${LIMIT} = 300`)
      await database.query('UPDATE counters SET value = 1 WHERE id = 1')
      await sleep(2_000)
      await database.query('SELECT 1')
    })
    const told = expect(stands).rejects.toThrow(UnavailableError)
    await sleep(50)
    await another.query('UPDATE counters SET value = value + 10 WHERE id = 1')
    await told
    expect(await database.query('SELECT value FROM counters')).toEqual([{ value: 10 }])
  })

  it('loses them after 90 seconds', async () => {
    expect(await database.transaction(limit)).toBe('90s')
  })
})
