import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { startProgram } from '../support/program.js'
import { RekeyedDatabase } from '../support/rekeyed-database.js'
import { Customer } from '../support/customer.js'
import { until } from '../support/until.js'
import { expectSigned, verified, WebhookReceiver } from '../support/webhook-receiver.js'

const KEYS = Array.from({ length: 3 }, () => randomBytes(32))
const PEOPLE = 1200
const MARK = `Mark${process.pid}`
const emailOf = (n: number): string => `${MARK}.${n}@Example.com`

describe('emails at rest', () => {
  let database: RekeyedDatabase

  beforeAll(async () => {
    database = await RekeyedDatabase.start()
  })
  afterAll(() => database?.stop())

  const keysInUse = async (): Promise<number> => {
    const rows = await database.query(
      'SELECT DISTINCT substring(email_ciphertext, 2, 4) FROM users WHERE email_ciphertext IS NOT NULL',
    )
    return rows.length
  }
  const find = async (search: string) =>
    (await database.server.json('GET', `/v1/admin/users?search=${encodeURIComponent(search)}`)).body

  it('are plain without a key, and sealed by the start with one', async () => {
    await database.restart()
    await database.server.json('POST', '/v1/admin/create-user', { username: 'ada', email: emailOf(0) })
    await database.query(
      `INSERT INTO users (id, username, email, deleted_at)
       SELECT uuid_v7(), 'bulk-' || n, $1 || '.' || n || '@Example.com', CASE WHEN n % 10 = 0 THEN now() END
       FROM generate_series(1, $2::int) n`,
      [MARK, PEOPLE],
    )
    expect(await database.dump()).toContain(MARK)

    await database.restart(KEYS[0])
    await until(async () => expect(database.server.output()).toContain(`${PEOPLE + 1} emails were encrypted`))
    expect((await database.dump()).toLowerCase()).not.toContain(MARK.toLowerCase())
    expect(await keysInUse()).toBe(1)
    expect((await find(emailOf(0).toUpperCase())).data).toMatchObject([{ username: 'ada', email: emailOf(0) }])
    expect((await find(emailOf(7))).data).toMatchObject([{ username: 'bulk-7', email: emailOf(7) }])
  })

  it('are sealed from the first moment when there is a key', async () => {
    const email = emailOf(5000)
    const { body } = await database.server.json('POST', '/v1/admin/create-user', { username: 'bob', email })
    expect(body.user.email).toBe(email)
    const changed = await database.server.json('PATCH', `/v1/admin/users/${body.user.id}`, { email: `new.${email}` })
    expect(changed.body.email).toBe(`new.${email}`)
    expect((await find(`new.${email}`)).data).toHaveLength(1)
    expect((await find(email)).data).toHaveLength(0)
    expect((await database.dump()).toLowerCase()).not.toContain(MARK.toLowerCase())
    expect(database.server.output().toLowerCase()).not.toContain(MARK.toLowerCase())
    const gone = await database.server.json('PATCH', `/v1/admin/users/${body.user.id}`, { email: null })
    expect(gone.body.email).toBeNull()
  })

  it('do not open in another user’s row', async () => {
    const { body } = await database.server.json('POST', '/v1/admin/create-user', { username: 'eve' })
    await database.query(
      `UPDATE users SET (email_ciphertext, email_hash) =
         (SELECT email_ciphertext, email_hash FROM users WHERE username = 'ada') WHERE username = 'eve'`,
    )
    const answer = await database.server.json('GET', `/v1/admin/users/${body.user.id}`)
    expect(answer.status).toBe(500)
    expect(JSON.stringify(answer.body).toLowerCase()).not.toContain(MARK.toLowerCase())
    await database.query(`UPDATE users SET email_ciphertext = NULL, email_hash = NULL WHERE username = 'eve'`)
  })

  it('stay readable and searchable while the key changes, and end under the new key', async () => {
    await database.restart(KEYS[1], KEYS[0])
    // Whether a row is still under the old key or not.
    for (const n of [0, 7, PEOPLE - 1]) expect((await find(emailOf(n))).data).toMatchObject([{ email: emailOf(n) }])
    await until(async () => expect(database.server.output()).toContain(`${PEOPLE + 1} emails were encrypted`))
    expect(await keysInUse()).toBe(1)
    await database.restart(KEYS[1])
    expect((await find(emailOf(7))).data).toMatchObject([{ email: emailOf(7) }])
  })

  it('are finished by the next start when one was cut off', async () => {
    await database.query(`ALTER TABLE users ADD CONSTRAINT in_the_way CHECK (username <> 'bulk-900') NOT VALID`)
    await database.restart(KEYS[2], KEYS[1])
    await until(async () => expect(database.server.output()).toContain('re-encryption goes on later'))
    expect(await keysInUse()).toBe(2)
    await database.server.kill()
    await database.query('ALTER TABLE users DROP CONSTRAINT in_the_way')
    await database.restart(KEYS[2], KEYS[1])
    await until(async () => expect(await keysInUse()).toBe(1))
    expect((await find(emailOf(900 - 1))).data).toMatchObject([{ email: emailOf(899) }])
  })

  it.each([
    ['without a key', undefined, 'ENCRYPTION_KEY: is not set, but a key encrypted emails in the database'],
    ['with another key', KEYS[0], 'ENCRYPTION_KEY: neither it nor ENCRYPTION_KEY_PREVIOUS is the key that encrypted'],
  ])('stop a start %s with a sentence that says why', async (_name, key, sentence) => {
    await database.stopServer()
    const folder = mkdtempSync(join(tmpdir(), 'countinghouse-encryption-'))
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
    for (const name of ['main', 'worker'] as const) {
      const program = startProgram(name, {
        PORT: '0',
        POSTGRES_URL: database.url,
        DATA_DIR: folder,
        ...(key && { ENCRYPTION_KEY: key.toString('hex') }),
      })
      expect(await program.exited).toBe(1)
      expect(program.output()).toContain(sentence)
      expect(program.output()).not.toMatch(/^ +at /m)
    }
  })
})

describe('secrets of webhooks at rest', () => {
  const QUERY = { measures: ['transactions'] }
  let database: RekeyedDatabase
  let receiver: WebhookReceiver
  /** Of a customer for each way in which a secret comes to be sealed. */
  const alerts: { customer: Customer; path: string; secret: string }[] = []

  beforeAll(async () => {
    receiver = await WebhookReceiver.start()
    database = await RekeyedDatabase.start({ WEBHOOK_ALLOW_PRIVATE: 'true' })
  })
  afterAll(async () => {
    await database?.stop()
    await receiver?.stop()
  })

  const put = async (id: string, path: string, threshold = 1) => {
    const body = { threshold, url: receiver.url(path) }
    return database.server.json('PUT', `/v1/admin/users/${id}/low-balance`, body)
  }
  async function watch(): Promise<void> {
    const customer = await Customer.create(database.server, 20)
    const path = `/hook/${alerts.length}`
    const { status, body } = await put(customer.id, path)
    expect(status).toBe(200)
    alerts.push({ customer, path, secret: body.secret })
  }
  const keysInUse = () =>
    database.query('SELECT DISTINCT substring(secret_ciphertext, 2, 4) FROM webhooks').then(({ length }) => length)

  /** No dump and no log has one, and what is sent is signed with them. */
  async function expectSealedAndUsed(): Promise<void> {
    expect(await database.query('SELECT 1 FROM webhooks WHERE secret IS NOT NULL')).toEqual([])
    const [dump, output] = [await database.dump(), database.server.output()]
    for (const { customer, path, secret } of alerts) {
      for (const text of [dump, output]) expect(text).not.toContain(secret.slice('whsec_'.length))
      customer.moveTo(database.server)
      const { length } = receiver.at(path)
      expect((await put(customer.id, path, (await customer.credits()) - 1)).body.secret).toBe(secret)
      await customer.execute(QUERY)
      await until(async () => expect(receiver.at(path)).toHaveLength(length + 1))
      expectSigned(receiver.at(path).at(-1)!, secret)
    }
  }

  it('are plain without a key, and sealed by the start with one; new ones are from the first moment', async () => {
    await database.restart()
    await watch()
    await watch()
    expect(await database.dump()).toContain(alerts[0]!.secret)
    await database.restart(KEYS[0])
    await until(async () => expect(database.server.output()).toContain('2 webhook secrets were encrypted'))
    await watch()
    await expectSealedAndUsed()
  })

  it('are the same while the key changes and after it, and end under the new key', async () => {
    await database.restart(KEYS[1], KEYS[0])
    await until(async () => expect(database.server.output()).toContain('3 webhook secrets were encrypted'))
    expect(await keysInUse()).toBe(1)
    await database.restart(KEYS[1])
    await expectSealedAndUsed()
  })

  it('of Standard Webhooks are sealed as well, the one before the last rotation too', async () => {
    const hooks = '/v1/admin/webhooks'
    const url = receiver.url('/standard')
    const { body: created } = await database.server.json('POST', hooks, { url, events: ['credits.low'] })
    const { body: rotated } = await database.server.json('POST', `${hooks}/${created.id}/rotate`)
    expect((await database.server.json('POST', `${hooks}/${created.id}/test`)).status).toBe(202)
    await until(async () => expect(receiver.at('/standard')).toHaveLength(1))
    const dump = await database.dump()
    for (const { secret } of [created, rotated]) {
      verified(receiver.at('/standard')[0]!, secret)
      expect(dump).not.toContain(secret.slice('whsec_'.length))
    }
  })

  it('do not open in another user’s row', async () => {
    const [one, other] = alerts
    await database.query(
      `UPDATE webhooks SET secret_ciphertext =
         (SELECT secret_ciphertext FROM webhooks WHERE id = $1) WHERE id = $2`,
      [one!.customer.id, other!.customer.id],
    )
    const { status, body } = await put(other!.customer.id, other!.path)
    expect(status).toBe(500)
    expect(JSON.stringify(body)).not.toContain('whsec_')
  })

  it('stop a start without their key', async () => {
    await database.stopServer()
    await expect(database.restart()).rejects.toThrow(
      'ENCRYPTION_KEY: is not set, but a key encrypted webhook secrets in the database; set the key that did',
    )
  })
})
