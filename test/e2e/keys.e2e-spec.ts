import { createHash } from 'node:crypto'
import { connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { PostgresClient } from '../../src/infrastructure/database/postgres-client.js'
import { postgresMigrations } from '../../migrations/postgres/index.js'
import { hashOfKey } from '../../src/auth/api-keys/api-key.js'
import { startPostgres, type TestPostgres } from '../support/postgres.js'
import { redisInstalled, TestRedis } from '../support/redis.js'
import { startServer, type TestServer } from '../support/server.js'
import { until } from '../support/until.js'

const ROOT_KEY = `ch_${'r'.repeat(43)}`
const REVOKED_WITHIN_MS = 1000
/** The time is promised for a machine that is not overloaded. */
const AGAIN_WHEN_LATE = { retry: 3 }

let names = 0
const newName = (): string => `user-${process.pid}-${++names}`

/** Two instances on one PostgreSQL. */
class Cluster {
  postgres: TestPostgres
  one: TestServer
  two: TestServer

  async start(env: Record<string, string>): Promise<void> {
    this.postgres = await startPostgres(postgresMigrations)
    const options = {
      rootKey: ROOT_KEY,
      env: { POSTGRES_URL: this.postgres.url, ADMIN_API_KEY: hashOfKey(ROOT_KEY), LOG_LEVEL: 'verbose', ...env },
    }
    ;[this.one, this.two] = await Promise.all([startServer(options), startServer(options)])
  }

  async stop(): Promise<void> {
    await Promise.all([this.one?.stop(), this.two?.stop()])
    await this.postgres?.stop()
  }

  async createUser(more: Record<string, unknown> = {}): Promise<{ id: string; apiKey: string }> {
    const { status, body } = await this.one.json('POST', '/users', { username: newName(), ...more })
    expect(status, JSON.stringify(body)).toBe(201)
    return body
  }

  async createKey(userId: string, body: object = {}): Promise<{ key: { id: string }; apiKey: string }> {
    return (await this.one.json('POST', `/v1/admin/users/${userId}/keys`, body)).body
  }
}

const statusOf = async (server: TestServer, key: string): Promise<number> =>
  (await server.json('GET', '/v1/me', undefined, key)).status

/** A request from another address of the loopback network than the rest of this file. */
async function statusFrom(localAddress: string, server: TestServer, key: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port: Number(new URL(server.url).port), host: '127.0.0.1', localAddress })
    socket.on('error', reject)
    socket.write(`GET /v1/me HTTP/1.1\r\nhost: x\r\nx-api-key: ${key}\r\nconnection: close\r\n\r\n`)
    socket.once('data', (data) => resolve(Number(/ (\d+) /.exec(data.toString())?.[1])))
  })
}

/** What holds with and without Redis. */
function keysOnTwoInstances(cluster: Cluster): void {
  it.each<[string, (user: { id: string }, keyId: string) => [string, string, object?]]>([
    ['is revoked', ({ id }, keyId) => ['DELETE', `/v1/admin/users/${id}/keys/${keyId}`]],
    ['is disabled', ({ id }, keyId) => ['PATCH', `/v1/admin/users/${id}/keys/${keyId}`, { status: 'disabled' }]],
    ['is rotated without overlap', ({ id }, keyId) => ['POST', `/v1/admin/users/${id}/keys/${keyId}/rotate`, {}]],
    ['belongs to a user who is disabled', ({ id }) => ['PATCH', `/v1/admin/users/${id}`, { status: 'disabled' }]],
    ['belongs to a user who is deleted', ({ id }) => ['DELETE', `/v1/admin/users/${id}`]],
  ])('a key that %s ends on every instance within a second', AGAIN_WHEN_LATE, async (_name, change) => {
    const { one, two } = cluster
    const user = await cluster.createUser()
    const { key, apiKey } = await cluster.createKey(user.id)
    // Both instances use it all the time, so that both remember it.
    const use = async (server: TestServer) => {
      while ((await statusOf(server, apiKey)) === 200);
    }
    const users = [use(one), use(two)]
    await sleep(300)
    const [method, path, body] = change(user, key.id)
    expect((await one.json(method, path, body)).status).toBeLessThan(300)
    const changedAt = Date.now()
    expect(await statusOf(one, apiKey)).toBe(401)
    await until(async () => expect(await statusOf(two, apiKey)).toBe(401), REVOKED_WITHIN_MS)
    expect(Date.now() - changedAt).toBeLessThan(REVOKED_WITHIN_MS)
    await Promise.all(users)
  })

  it('loses and gains rights on every instance within a second', AGAIN_WHEN_LATE, async () => {
    const { one, two } = cluster
    const { id, apiKey } = await cluster.createUser({ role: 'admin' })
    const mayList = async () => (await two.json('GET', '/users?limit=1', undefined, apiKey)).status
    expect(await mayList()).toBe(200)
    await one.json('PATCH', `/v1/admin/users/${id}`, { role: 'member' })
    await until(async () => expect(await mayList()).toBe(403), REVOKED_WITHIN_MS)
    await one.json('PATCH', `/v1/admin/users/${id}`, { role: 'viewer' })
    await until(async () => expect(await mayList()).toBe(200), REVOKED_WITHIN_MS)
  })
}

describe('keys on two instances without Redis', () => {
  const cluster = new Cluster()
  beforeAll(() => cluster.start({}))
  afterAll(() => cluster.stop())

  keysOnTwoInstances(cluster)

  it('changes what is given of a key, disables it and makes it active again', async () => {
    const { one } = cluster
    const { id } = await cluster.createUser()
    const { key, apiKey } = await cluster.createKey(id, { name: 'old', rateLimitPerMinute: 5 })
    const path = `/v1/admin/users/${id}/keys/${key.id}`
    const change = (body: object) => one.json('PATCH', path, body)
    expect((await change({ name: 'new' })).body).toMatchObject({ name: 'new', rateLimitPerMinute: 5, status: 'active' })
    expect((await change({ status: 'disabled' })).body).toMatchObject({ name: 'new', status: 'disabled' })
    expect(await statusOf(one, apiKey)).toBe(401)
    expect((await one.json('POST', `${path}/rotate`, {})).status).toBe(409)
    expect((await change({ status: 'active', rateLimitPerMinute: null })).body).toMatchObject({
      status: 'active',
      rateLimitPerMinute: null,
    })
    expect(await statusOf(one, apiKey)).toBe(200)
    const expiresAt = '2099-01-01T00:00:00.000Z'
    expect((await change({ expiresAt, allowedCidrs: ['192.0.2.0/24'] })).body).toMatchObject({ expiresAt })
    expect(await statusOf(one, apiKey)).toBe(403)
    expect((await change({ expiresAt: null, allowedCidrs: null })).body).toMatchObject({ expiresAt: null })
    for (const bad of [{ status: 'revoked' }, { status: null }, { expiresAt: '2020-01-01' }, { prefix: 'x' }])
      expect((await change(bad)).status, JSON.stringify(bad)).toBe(400)
    await one.fetch(path, { method: 'DELETE' })
    expect((await change({ status: 'active' })).status).toBe(409)
    expect(await statusOf(one, apiKey)).toBe(401)
  })

  it('gives the successor of an expiring key its expiry, and the old one its overlap at most', async () => {
    const { one } = cluster
    const { id } = await cluster.createUser()
    const expiresAt = new Date(Date.now() + 60_000).toISOString()
    const old = await cluster.createKey(id, { expiresAt, name: 'n' })
    const rotate = `/v1/admin/users/${id}/keys/${old.key.id}/rotate`
    const { body } = await one.json('POST', rotate, { overlapSeconds: 3600 })
    expect(body.key).toMatchObject({ expiresAt, name: 'n', status: 'active' })
    const { data } = (await one.json('GET', `/v1/admin/users/${id}/keys`)).body
    expect(data.find((key: { id: string }) => key.id === old.key.id)).toMatchObject({ expiresAt, status: 'active' })
  })

  it('notes the last use now and then, not with every request', async () => {
    const { one } = cluster
    const { id, apiKey } = await cluster.createUser()
    const database = new PostgresClient({ connectionString: cluster.postgres.url })
    await database.connect()
    onTestFinished(() => database.end())
    const writes = async () =>
      Number(
        (await database.query(`SELECT n_tup_upd FROM pg_stat_user_tables WHERE relname = 'api_keys'`)).rows[0]
          .n_tup_upd,
      )
    await sleep(1000)
    const before = await writes()
    for (let n = 0; n < 100; n++) await statusOf(one, apiKey)
    const used = await until(async () => {
      const { lastUsedAt } = (await one.json('GET', `/v1/admin/users/${id}/keys`)).body.data[0]
      expect(lastUsedAt).not.toBeNull()
      return lastUsedAt
    })
    expect(Math.abs(Date.now() - Date.parse(used))).toBeLessThan(120_000)
    await sleep(1500)
    // A write of the keys that other tests used may fall into it.
    expect((await writes()) - before).toBeLessThan(50)
  })

  it('holds a user to its limit with all keys together', async () => {
    const { one } = cluster
    const { id, apiKey } = await cluster.createUser({ rateLimitPerMinute: 1 })
    const other = await cluster.createKey(id)
    const statuses: number[] = []
    for (let n = 0; n < 12; n++) statuses.push(await statusOf(one, n % 2 ? apiKey : other.apiKey))
    expect(statuses).toEqual([...Array.from({ length: 10 }, () => 200), 429, 429])
  })

  it('shows keys and their hashes nowhere: not in answers, logs or the database', async () => {
    const { one, two, postgres } = cluster
    const answers: string[] = []
    const execute = async (method: string, path: string, body?: unknown, key?: string): Promise<any> => {
      const answer = await one.json(method, path, body, key)
      answers.push(JSON.stringify([answer.body, [...answer.headers]]))
      return answer
    }
    const { id, apiKey } = await cluster.createUser({ credits: 5 })
    const issued = await cluster.createKey(id, { name: 'x' })
    const rotated = (await one.json('POST', `/v1/admin/users/${id}/keys/${issued.key.id}/rotate`, {})).body
    const secrets = [apiKey, issued.apiKey, rotated.apiKey, ROOT_KEY]
    for (const key of secrets) {
      await execute('GET', '/v1/me', undefined, key)
      await execute('GET', `/v1/nothing/${key}?key=${key}`, undefined, key)
      await execute('GET', `/${key}`)
      await execute('GET', `/users/${key}`)
      await execute('GET', `/users?name=${key}&x-api-key=${key}`)
      await execute('POST', '/v1/query', { dataset: 'transactions', measures: [key] }, apiKey)
      await execute('POST', `/v1/ingestions?apiKey=${key}`, undefined, key)
    }
    for (const path of ['keys', 'ledger', 'grants', '']) await execute('GET', `/v1/admin/users/${id}/${path}`)
    for (const path of ['logs', 'stats', 'users']) await execute('GET', `/v1/admin/${path}`)
    await sleep(1000)
    await execute('GET', '/v1/admin/logs?limit=500')

    const database = new PostgresClient({ connectionString: postgres.url })
    await database.connect()
    onTestFinished(() => database.end())
    const { rows: tables } = await database.query(
      `SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace`,
    )
    let dump = ''
    for (const { relname } of tables) {
      const { rows } = await database.query(`SELECT t::text AS row FROM ${relname} t`)
      dump += rows.map(({ row }) => `${relname} ${row}`).join('\n')
    }
    expect(dump).toContain(id)
    const output = one.output() + two.output()
    for (const key of secrets) {
      const secret = key.slice(9)
      // A hidden path may name its user; a query's echo of what was asked is the asker's own text.
      expect(dump, 'the database').not.toContain(secret)
      expect(output, 'the output').not.toContain(secret)
      for (const answer of answers.filter((text) => !text.includes('measures'))) expect(answer).not.toContain(secret)
      const hash = createHash('sha256').update(key).digest('hex')
      for (const text of [output, ...answers]) expect(text.toLowerCase()).not.toContain(hash)
      const elsewhere = dump.split('\n').filter((row) => !row.startsWith('api_keys ') && !row.startsWith('root_keys '))
      expect(elsewhere.join('\n')).not.toContain(hash)
    }
  })
})

describe.skipIf(!redisInstalled())('keys on two instances with Redis', () => {
  const cluster = new Cluster()
  let redis: TestRedis
  beforeAll(async () => {
    redis = await TestRedis.start()
    await cluster.start({ REDIS_URL: redis.url })
  })
  afterAll(async () => {
    await cluster.stop()
    await redis?.stop()
  })

  keysOnTwoInstances(cluster)

  it(
    'ends tokens with their key, and knows policies and endpoints anew, on the other instance',
    AGAIN_WHEN_LATE,
    async () => {
      const { one, two } = cluster
      const name = newName()
      const query = { dataset: 'transactions', measures: ['transactions'] }
      const put = (description: string, costCredits: number) =>
        one.json('PUT', `/v1/admin/endpoints/${name}`, {
          title: 'Count',
          description,
          query,
          costCredits,
          cacheSeconds: 60,
        })
      expect((await put('one', 2)).status).toBe(200)
      const { id, apiKey } = await cluster.createUser({ credits: 1000 })
      const { key, apiKey: revoked } = await cluster.createKey(id)
      const { token } = (await one.json('POST', '/v1/me/tokens', { expiresInSeconds: 600 }, revoked)).body
      const call = (server: TestServer, credential = token) =>
        server.json('GET', `/v1/endpoints/${name}`, undefined, credential)
      await until(async () => expect((await call(two)).body.credits).toMatchObject({ charged: 2 }), REVOKED_WITHIN_MS)
      // What one instance has made, the other finds.
      expect((await call(one)).body.query).toMatchObject({ cached: true })
      await put('two', 3)
      await until(async () => expect((await call(two)).body.credits).toMatchObject({ charged: 3 }), REVOKED_WITHIN_MS)
      const access = { endpoints: [name], datasets: { transactions: { members: ['country'] } } }
      expect((await one.json('PATCH', `/v1/admin/users/${id}`, { access })).status).toBe(200)
      const ask = async () => (await two.json('POST', '/v1/query', query, token)).status
      await until(async () => expect(await ask()).toBe(400), REVOKED_WITHIN_MS)
      expect((await call(two)).status).toBe(200)
      await one.json('DELETE', `/v1/admin/users/${id}/keys/${key.id}`)
      await until(async () => expect((await call(two)).status).toBe(401), REVOKED_WITHIN_MS)
      expect((await call(two, apiKey)).status).toBe(200)
    },
  )

  it('counts failed attempts of an address on all instances together', async () => {
    const { one, two } = cluster
    const { apiKey } = await cluster.createUser()
    const statuses: number[] = []
    for (let n = 0; n < 64; n++)
      statuses.push(await statusFrom('127.0.0.88', n % 2 ? one : two, `ch_${'0'.repeat(43)}`))
    expect(statuses.slice(0, 60)).toEqual(Array.from({ length: 60 }, () => 401))
    expect(statuses.slice(60)).toEqual([429, 429, 429, 429])
    expect(await statusFrom('127.0.0.88', one, apiKey)).toBe(200)
    expect(await statusFrom('127.0.0.89', one, `ch_${'0'.repeat(43)}`)).toBe(401)
  })

  it('limits a key on all instances together, and says so in every answer', async () => {
    const { one, two } = cluster
    const { apiKey } = await cluster.createUser({ rateLimitPerMinute: 2 })
    for (let n = 1; n <= 22; n++) {
      const { status, headers } = await (n % 2 ? one : two).json('GET', '/v1/me', undefined, apiKey)
      expect(status).toBe(n <= 20 ? 200 : 429)
      expect(headers.get('ratelimit-limit')).toBe('20')
      expect(headers.get('ratelimit-remaining')).toBe(String(Math.max(0, 20 - n)))
      const resetSeconds = Number(headers.get('ratelimit-reset'))
      expect(resetSeconds).toBeGreaterThan(0)
      expect(resetSeconds).toBeLessThanOrEqual(60)
      expect(headers.get('retry-after')).toBe(status === 429 ? String(resetSeconds) : null)
    }
  })

  it.each(['shutDown', 'pause'] as const)(
    'keeps counting for all instances together when Redis is gone (%s): no request fails',
    async (how) => {
      const { one, two } = cluster
      const { apiKey } = await cluster.createUser({ rateLimitPerMinute: 100_000 })
      const limited = (await cluster.createUser({ rateLimitPerMinute: 1 })).apiKey
      const ends = (server: TestServer) => server.output().split('Redis responds to all instances').length - 1
      const before = [ends(one), ends(two)]
      const statuses: number[] = []
      let isOver = false
      const load = Array.from({ length: 8 }, async (_, n) => {
        while (!isOver) statuses.push(await statusOf(n % 2 ? one : two, apiKey))
      })
      await sleep(500)
      if (how === 'pause') redis.pause()
      else await redis.shutDown()
      await sleep(2500)
      const answers: number[] = []
      for (let n = 0; n < 22; n++) answers.push(await statusOf(n % 2 ? one : two, limited))
      expect(answers).toEqual([...Array.from({ length: 10 }, () => 200), ...Array.from({ length: 12 }, () => 429)])
      if (how === 'pause') redis.resume()
      else await redis.startAgain()
      await sleep(2500)
      isOver = true
      await Promise.all(load)
      expect(statuses.length).toBeGreaterThan(50)
      expect(new Set(statuses)).toEqual(new Set([200]))
      await until(async () => {
        expect(ends(one)).toBeGreaterThan(before[0]!)
        expect(ends(two)).toBeGreaterThan(before[1]!)
      })
    },
  )
})
