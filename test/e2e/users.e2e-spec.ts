import { connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { v7 as uuidv7 } from 'uuid'
import { postgresMigrations } from '../../migrations/postgres/index.js'
import { hashOfKey } from '../../src/auth/api-keys/api-key.js'
import { EventStream } from '../support/event-stream.js'
import { COLLECTS_GARBAGE, keptBytes } from '../support/preload.js'
import { startPostgres, type TestPostgres } from '../support/postgres.js'
import { startServer, type TestServer } from '../support/server.js'
import { until } from '../support/until.js'

const ROOT_KEY = `ch_${'r'.repeat(43)}`
const EXISTING = 1300

/** Two instances on one PostgreSQL, without Redis. */
let postgres: TestPostgres
let database: pg.Client
let one: TestServer
let two: TestServer
let names = 0
const newName = (): string => `user-${process.pid}-${++names}`

async function createUser(
  more: Record<string, unknown> = {},
): Promise<{ id: string; apiKey: string; username: string }> {
  const { status, body } = await one.json('POST', '/users', { username: newName(), ...more })
  expect(status, JSON.stringify(body)).toBe(201)
  return body
}

beforeAll(async () => {
  postgres = await startPostgres(postgresMigrations)
  database = new pg.Client({ connectionString: postgres.url })
  await database.connect()
  await insertUsers('existing', EXISTING)
  const env = { POSTGRES_URL: postgres.url, ADMIN_API_KEY: hashOfKey(ROOT_KEY), ...COLLECTS_GARBAGE }
  ;[one, two] = await Promise.all([startServer({ env, rootKey: ROOT_KEY }), startServer({ env, rootKey: ROOT_KEY })])
})
afterAll(async () => {
  await Promise.all([one?.stop(), two?.stop()])
  await database?.end()
  await postgres?.stop()
})

async function insertUsers(prefix: string, count: number, client = database): Promise<void> {
  await client.query(
    `INSERT INTO users (id, username, first_name, last_name)
     SELECT uuid_v7(), $1 || '-' || n, 'First' || n, 'Last' || n FROM generate_series(1, $2::int) n`,
    [prefix, count],
  )
}

describe('/users', () => {
  it('creates a user, with its key in the answer', async () => {
    const username = newName()
    const { status, headers, body } = await one.json('POST', '/users', {
      username,
      firstName: 'Ada',
      email: 'Ada@Example.com',
      credits: 7,
    })
    expect(status).toBe(201)
    expect(headers.get('location')).toBe(`/users/${body.id}`)
    expect(body).toEqual({
      id: body.id,
      username,
      firstName: 'Ada',
      lastName: null,
      email: 'Ada@Example.com',
      role: 'member',
      status: 'active',
      credits: 7,
      rateLimitPerMinute: null,
      sendEvents: false,
      planId: null,
      createdAt: expect.any(String),
      apiKey: expect.stringMatching(/^ch_[0-9A-Za-z]{43}$/),
    })
    expect((await one.json('GET', '/v1/me', undefined, body.apiKey)).body.credits).toBe(7)
    const user = { ...body, apiKey: undefined }
    for (const server of [one, two]) {
      expect((await server.json('GET', `/users/${body.id}`)).body).toEqual(user)
      expect((await server.json('GET', `/v1/admin/users/${body.id}`)).body).toEqual(user)
    }
    expect((await one.json('POST', '/users', { username })).status).toBe(409)
    expect((await one.json('POST', '/users', { username: newName(), nonsense: 1 })).status).toBe(400)
  })

  it('finds by part of a name and by the whole email, whatever the case, page by page', async () => {
    const mark = `Zoë${process.pid}`
    const ids: string[] = []
    for (const profile of [
      { firstName: `x${mark}`, lastName: 'A', email: `${mark}.1@example.com` },
      { firstName: 'B', lastName: `${mark}x%_\\`, email: `${mark}.2@example.com` },
      { firstName: mark, lastName: mark },
      { firstName: mark.slice(0, 3), lastName: mark.slice(3) },
    ])
      ids.push((await createUser(profile)).id)
    const found = async (query: Record<string, string>) =>
      (await one.json('GET', `/users?${new URLSearchParams(query).toString()}`)).body
    const byName = await found({ name: mark.toUpperCase() })
    expect(byName.data.map(({ id }: { id: string }) => id)).toEqual(ids.slice(0, 3))
    expect(byName.pagination).toEqual({ limit: 50, offset: 0, total: 3 })
    const second = await found({ name: mark, limit: '1', offset: '1' })
    expect(second.data.map(({ id }: { id: string }) => id)).toEqual([ids[1]])
    expect(second.pagination).toEqual({ limit: 1, offset: 1, total: 3 })
    expect((await found({ name: `${mark}x%_\\` })).pagination.total).toBe(1)
    expect((await found({ name: '%' })).pagination.total).toBe(1)
    expect((await found({ email: `${mark}.1@EXAMPLE.com`.toUpperCase() })).data).toMatchObject([{ id: ids[0] }])
    expect((await found({ email: `${mark}.1@example.co` })).data).toEqual([])
    expect((await found({ email: `${mark}.1@example.com`, name: 'B' })).data).toEqual([])
    for (const bad of ['limit=0', 'limit=501', 'offset=-1', 'name=', 'email=', 'search=x', 'name=%00', 'name=a&name=b'])
      expect((await one.json('GET', `/users?${bad}`)).status, bad).toBe(400)
  })

  it('deletes: 204 once, then 404; the keys end and the ledger stays', async () => {
    const { id, apiKey } = await createUser({ credits: 3 })
    expect((await two.json('GET', `/users/${id}`)).status).toBe(200)
    const response = await one.fetch(`/users/${id}`, { method: 'DELETE' })
    expect([response.status, await response.text()]).toEqual([204, ''])
    expect((await one.json('GET', `/users/${id}`)).status).toBe(404)
    expect((await one.json('DELETE', `/users/${id}`)).status).toBe(404)
    expect((await one.json('GET', '/v1/me', undefined, apiKey)).status).toBe(401)
    expect((await one.json('GET', `/v1/admin/users/${id}/ledger`)).body.pagination.total).toBe(1)
    await until(async () => expect((await two.json('GET', `/users/${id}`)).status).toBe(404))
    for (const method of ['GET', 'DELETE'])
      for (const unknown of [uuidv7(), 'nobody', '%00'])
        expect((await one.json(method, `/users/${unknown}`)).status, unknown).toBe(404)
  })

  it('shows a change at once on the instance that made it, and within a moment on the others', async () => {
    const { id } = await createUser({ firstName: 'v0' })
    const nameOn = async (server: TestServer) => (await server.json('GET', `/users/${id}`)).body.firstName
    // Past the time after a start in which nothing is cached, so that the cache is at work here.
    await sleep(10_500)
    for (let version = 1; version <= 30; version++) {
      const [writer, reader] = version % 2 ? [one, two] : [two, one]
      // Readers who fill the caches while the user changes.
      const readers = Array.from({ length: 10 }, (_, n) => nameOn(n % 2 ? one : two))
      await writer.json('PATCH', `/v1/admin/users/${id}`, { firstName: `v${version}` })
      expect(await nameOn(writer)).toBe(`v${version}`)
      await Promise.all(readers)
      await until(async () => expect(await nameOn(reader)).toBe(`v${version}`), 500)
    }
  })

  it('notices a change that is made past all instances', async () => {
    const { id } = await createUser({ firstName: 'before' })
    for (const server of [one, two]) await server.json('GET', `/users/${id}`)
    await database.query(`UPDATE users SET first_name = 'after', updated_at = now() WHERE id = $1`, [id])
    for (const server of [one, two])
      await until(async () => expect((await server.json('GET', `/users/${id}`)).body.firstName).toBe('after'), 1000)
  })
})

describe('/users/sse', () => {
  const open: EventStream[] = []
  const stream = async (server = one, lastEventId?: string, key = ROOT_KEY): Promise<EventStream> => {
    const headers = { 'x-api-key': key, ...(lastEventId && { 'last-event-id': lastEventId }) }
    const opened = await EventStream.open(`${server.url}/users/sse`, headers)
    open.push(opened)
    return opened
  }
  afterEach(() => {
    for (const each of open.splice(0)) each.close()
  })
  const idsOf = (each: EventStream, ...events: string[]) =>
    each.events.filter(({ event }) => events.includes(event!)).map(({ data }) => data.id)
  const livingIds = async (): Promise<string[]> =>
    (await database.query('SELECT id FROM users WHERE deleted_at IS NULL ORDER BY id')).rows.map(({ id }) => id)

  it('gives the existing users in id order, then changes that any instance makes', async () => {
    const expected = await livingIds()
    expect(expected.length).toBeGreaterThan(EXISTING)
    const events = await stream()
    expect(events.response.headers.get('content-type')).toContain('text/event-stream')
    await events.caughtUp()
    expect(events.events.map(({ data }) => data.id)).toEqual(expected)
    const { id, username } = await createUser({ firstName: 'Live', credits: 4 })
    await two.json('PATCH', `/v1/admin/users/${id}`, { lastName: 'Changed' })
    await one.json('DELETE', `/users/${id}`)
    const live = await events.first(3, 'user.created', 'user.updated', 'user.deleted')
    expect(live.map(({ event }) => event)).toEqual(['user.created', 'user.updated', 'user.deleted'])
    expect(live[0]!.data).toMatchObject({ id, username, credits: 4 })
    expect(live[0]!.data).not.toHaveProperty('apiKey')
    expect(live[1]!.data).toMatchObject({ id, lastName: 'Changed' })
    expect(live[2]!.data).toEqual({ id })
    expect(new Set(events.events.map(({ id: eventId }) => eventId)).size).toBe(events.events.length)
  })

  it('tells within a second', { retry: 3 }, async () => {
    const events = await stream()
    await events.caughtUp()
    for (let n = 0; n < 5; n++) {
      const before = Date.now()
      const { id } = await createUser()
      await until(async () => expect(idsOf(events, 'user.created')).toContain(id), 1000)
      expect(Date.now() - before).toBeLessThan(1000)
    }
  })

  it('loses and doubles nobody who is created while the existing ones are given', async () => {
    const writing = { on: true }
    const writer = async (n: number): Promise<void> => {
      const client = new pg.Client({ connectionString: postgres.url })
      await client.connect()
      for (let round = 0; writing.on; round++) {
        await client.query('BEGIN')
        await insertUsers(`during-${n}-${round}-${process.pid}`, 1 + (round % 3), client)
        // Slower ones commit after others with higher numbers.
        await sleep(n * 7)
        await client.query(round % 5 === 4 ? 'ROLLBACK' : 'COMMIT')
      }
      await client.end()
    }
    const writers = [1, 2, 3].map(writer)
    const readers = await Promise.all([stream(one), stream(two), stream(one)])
    for (const reader of readers) await reader.caughtUp()
    await until(() =>
      Promise.resolve(readers.forEach((reader) => expect(idsOf(reader, 'user.created').length).toBeGreaterThan(0))),
    )
    writing.on = false
    await Promise.all(writers)
    const expected = await livingIds()
    for (const reader of readers) {
      await until(async () =>
        expect(idsOf(reader, 'user', 'user.created').length).toBeGreaterThanOrEqual(expected.length),
      )
      expect(idsOf(reader, 'user', 'user.created').sort()).toEqual(expected)
    }
  })

  it('goes on behind Last-Event-ID, wherever it was cut, on any instance', async () => {
    const whole = await stream()
    await whole.caughtUp()
    const before = (await livingIds()).length
    await insertUsers(`cut-${process.pid}`, 700)
    await database.query(`UPDATE users SET updated_at = now() WHERE username LIKE 'cut-${process.pid}-1%'`)
    await until(async () => expect(idsOf(whole, 'user.updated')).toHaveLength(111))
    const all = whole.events.map(({ event, data }) => `${event} ${data.id}`)
    expect(all).toHaveLength(before + 700 + 111)
    for (const cut of [0, 499, 500, 1299, before - 1, before, before + 333, all.length - 2, all.length - 1]) {
      const rest = await stream(cut % 2 ? two : one, whole.events[cut]!.id)
      await until(async () => expect(rest.events).toHaveLength(all.length - cut - 1))
      expect(rest.events.map(({ event, data }) => `${event} ${data.id}`)).toEqual(all.slice(cut + 1))
      rest.close()
    }
    const { id } = await createUser()
    // Not the last one by now: the whole stream may have told of this user before its creation is answered.
    const late = await stream(two, whole.events[all.length - 1]!.id)
    await until(async () => expect(idsOf(late, 'user.created')).toEqual([id]))
  })

  it.each(['nonsense', 'changes:1', 'changes:99999999999999999:1', 'users:1:x', 'changes:x:y', 'changes:1:1:1'])(
    'starts again when it does not know the event %s',
    async (lastEventId) => {
      const events = await stream(one, lastEventId)
      await events.caughtUp()
      expect(events.events[0]).toMatchObject({ event: 'reset', data: {} })
      expect(idsOf(events, 'user')).toEqual(await livingIds())
    },
  )

  it('waits for older transactions, so that slow ones are not lost', async () => {
    const events = await stream()
    await events.caughtUp()
    const slow = new pg.Client({ connectionString: postgres.url })
    await slow.connect()
    await slow.query('BEGIN')
    await insertUsers(`slow-${process.pid}`, 1, slow)
    const { id } = await createUser()
    await sleep(700)
    expect(idsOf(events, 'user.created')).toEqual([])
    await slow.query('COMMIT')
    await slow.end()
    const created = await events.first(2, 'user.created')
    expect(created.map(({ data }) => data.username)[0]).toBe(`slow-${process.pid}-1`)
    expect(created[1]!.data.id).toBe(id)
  })

  it('ends when the key is revoked, and gives nothing more before it', async () => {
    const { id, apiKey } = await createUser({ role: 'viewer' })
    const events = await stream(two, undefined, apiKey)
    await events.caughtUp()
    await one.json('PATCH', `/v1/admin/users/${id}`, { status: 'disabled' })
    await until(async () => expect(events.hasEnded).toBe(true))
    await createUser()
    expect(idsOf(events, 'user.created')).toEqual([])
  })

  it('is for admins and viewers', async () => {
    const { apiKey } = await createUser()
    expect((await one.fetch('/users/sse', { key: apiKey })).status).toBe(403)
    expect((await one.fetch('/users/sse', { key: null })).status).toBe(401)
  })

  it('does not grow for readers who do not read', async () => {
    await database.query(
      `INSERT INTO users (id, username, first_name) SELECT uuid_v7(), 'big-' || n, repeat('x', 100)
       FROM generate_series(1, 30000) n`,
    )
    const { port } = new URL(one.url)
    const before = await keptBytes(one)
    const sockets = Array.from({ length: 20 }, () => {
      const socket = connect(Number(port), '127.0.0.1').pause()
      socket.on('error', () => undefined)
      socket.write(`GET /users/sse HTTP/1.1\r\nhost: x\r\nx-api-key: ${ROOT_KEY}\r\n\r\n`)
      return socket
    })
    await sleep(3000)
    const after = await keptBytes(one)
    for (const socket of sockets) socket.destroy()
    // 20 readers of 30,000 users of 350 bytes would be 210 MB.
    expect(after - before).toBeLessThan(50e6)
    await database.query(`DELETE FROM users WHERE username LIKE 'big-%'`)
  })

  it('ends with the server', async () => {
    const events = await stream(two)
    await events.caughtUp()
    const before = Date.now()
    expect(await two.stop()).toBe(0)
    expect(Date.now() - before).toBeLessThan(30_000)
    await until(async () => expect(events.hasEnded).toBe(true))
  })
})
