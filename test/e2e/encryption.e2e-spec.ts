import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { postgresMigrations } from '../migrations/postgres/index.js'
import { startPostgres, type TestPostgres } from './support/postgres.js'
import { startProgram } from './support/program.js'
import { startServer, type TestServer } from './support/server.js'
import { until } from './support/until.js'

const KEYS = Array.from({ length: 3 }, () => randomBytes(32))
const PEOPLE = 1200
const MARK = `Mark${process.pid}`
const emailOf = (n: number): string => `${MARK}.${n}@Example.com`

/** One database, and servers that come and go with other keys. */
describe('emails at rest', () => {
  let postgres: TestPostgres
  let database: pg.Client
  let server: TestServer | undefined
  let rootKey: string

  beforeAll(async () => {
    postgres = await startPostgres(postgresMigrations)
    database = new pg.Client({ connectionString: postgres.url })
    await database.connect()
  })
  afterAll(async () => {
    await server?.stop()
    await database?.end()
    await postgres?.stop()
  })

  const restart = async (current?: Buffer, previous?: Buffer): Promise<TestServer> => {
    await server?.stop()
    const env: Record<string, string> = { POSTGRES_URL: postgres.url }
    if (current) env.ENCRYPTION_KEY = current.toString('base64')
    if (previous) env.ENCRYPTION_KEY_PREVIOUS = previous.toString('hex')
    server = await startServer({ env, rootKey })
    rootKey = server.rootKey
    return server
  }
  /** All tables as text, bytea as text too: what a dump would show. */
  const dump = async (): Promise<string> => {
    const { rows: tables } = await database.query(
      `SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace`,
    )
    let text = ''
    for (const { relname } of tables) {
      const { rows } = await database.query(`SELECT convert_to(t::text, 'UTF8') AS row FROM ${relname} t`)
      text += rows.map(({ row }) => row.toString('latin1')).join('\n')
    }
    return text
  }
  const keysInUse = async (): Promise<number> => {
    const { rows } = await database.query(
      'SELECT DISTINCT substring(email_ciphertext, 2, 4) FROM users WHERE email_ciphertext IS NOT NULL',
    )
    return rows.length
  }
  const find = async (search: string) =>
    (await server!.json('GET', `/v1/admin/users?search=${encodeURIComponent(search)}`)).body

  it('are plain without a key, and sealed by the start with one', async () => {
    await restart()
    await server!.json('POST', '/v1/admin/create-user', { username: 'ada', email: emailOf(0) })
    await database.query(
      `INSERT INTO users (id, username, email, deleted_at)
       SELECT uuid_v7(), 'bulk-' || n, $1 || '.' || n || '@Example.com', CASE WHEN n % 10 = 0 THEN now() END
       FROM generate_series(1, $2::int) n`,
      [MARK, PEOPLE],
    )
    expect(await dump()).toContain(MARK)

    await restart(KEYS[0])
    await until(async () => expect(server!.output()).toContain(`${PEOPLE + 1} emails were encrypted`))
    expect((await dump()).toLowerCase()).not.toContain(MARK.toLowerCase())
    expect(await keysInUse()).toBe(1)
    expect((await find(emailOf(0).toUpperCase())).data).toMatchObject([{ username: 'ada', email: emailOf(0) }])
    expect((await find(emailOf(7))).data).toMatchObject([{ username: 'bulk-7', email: emailOf(7) }])
  })

  it('are sealed from the first moment when there is a key', async () => {
    const email = emailOf(5000)
    const { body } = await server!.json('POST', '/v1/admin/create-user', { username: 'bob', email })
    expect(body.user.email).toBe(email)
    const changed = await server!.json('PATCH', `/v1/admin/users/${body.user.id}`, { email: `new.${email}` })
    expect(changed.body.email).toBe(`new.${email}`)
    expect((await find(`new.${email}`)).data).toHaveLength(1)
    expect((await find(email)).data).toHaveLength(0)
    expect((await dump()).toLowerCase()).not.toContain(MARK.toLowerCase())
    expect(server!.output().toLowerCase()).not.toContain(MARK.toLowerCase())
    const gone = await server!.json('PATCH', `/v1/admin/users/${body.user.id}`, { email: null })
    expect(gone.body.email).toBeNull()
  })

  it('do not open in another user’s row', async () => {
    const { body } = await server!.json('POST', '/v1/admin/create-user', { username: 'eve' })
    await database.query(
      `UPDATE users SET (email_ciphertext, email_hash) =
         (SELECT email_ciphertext, email_hash FROM users WHERE username = 'ada') WHERE username = 'eve'`,
    )
    const answer = await server!.json('GET', `/v1/admin/users/${body.user.id}`)
    expect(answer.status).toBe(500)
    expect(JSON.stringify(answer.body).toLowerCase()).not.toContain(MARK.toLowerCase())
    await database.query(`UPDATE users SET email_ciphertext = NULL, email_hash = NULL WHERE username = 'eve'`)
  })

  it('stay readable and searchable while the key changes, and end under the new key', async () => {
    await restart(KEYS[1], KEYS[0])
    // Whether a row is still under the old key or not.
    for (const n of [0, 7, PEOPLE - 1]) expect((await find(emailOf(n))).data).toMatchObject([{ email: emailOf(n) }])
    await until(async () => expect(server!.output()).toContain(`${PEOPLE + 1} emails were encrypted`))
    expect(await keysInUse()).toBe(1)
    await restart(KEYS[1])
    expect((await find(emailOf(7))).data).toMatchObject([{ email: emailOf(7) }])
  })

  it('are finished by the next start when one was cut off', async () => {
    await database.query(`ALTER TABLE users ADD CONSTRAINT in_the_way CHECK (username <> 'bulk-900') NOT VALID`)
    await restart(KEYS[2], KEYS[1])
    await until(async () => expect(server!.output()).toContain('re-encryption goes on later'))
    expect(await keysInUse()).toBe(2)
    await server!.kill()
    await database.query('ALTER TABLE users DROP CONSTRAINT in_the_way')
    await restart(KEYS[2], KEYS[1])
    await until(async () => expect(await keysInUse()).toBe(1))
    expect((await find(emailOf(900 - 1))).data).toMatchObject([{ email: emailOf(899) }])
  })

  it.each([
    ['without a key', undefined, 'ENCRYPTION_KEY: is not set, but a key encrypted emails in the database'],
    ['with another key', KEYS[0], 'ENCRYPTION_KEY: neither it nor ENCRYPTION_KEY_PREVIOUS is the key that encrypted'],
  ])('stop a start %s with a sentence that says why', async (_name, key, sentence) => {
    await server?.stop()
    server = undefined
    const folder = mkdtempSync(join(tmpdir(), 'countinghouse-encryption-'))
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
    for (const name of ['main', 'worker'] as const) {
      const program = startProgram(name, {
        PORT: '0',
        POSTGRES_URL: postgres.url,
        DATA_DIR: folder,
        ...(key && { ENCRYPTION_KEY: key.toString('hex') }),
      })
      expect(await program.exited).toBe(1)
      expect(program.output()).toContain(sentence)
      expect(program.output()).not.toMatch(/^ +at /m)
    }
  })
})
