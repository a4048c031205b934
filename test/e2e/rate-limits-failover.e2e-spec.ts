import { Agent, request } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { postgresMigrations } from '../../migrations/postgres/index.js'
import type { Database } from '../../src/infrastructure/database/database.js'
import { hashOfKey } from '../../src/auth/api-keys/api-key.js'
import { BreakingProxy } from '../support/breaking-proxy.js'
import { startPostgres, type TestPostgres } from '../support/postgres.js'
import { redisInstalled, TestRedis } from '../support/redis.js'
import { startServer, type TestServer } from '../support/server.js'
import { until } from '../support/until.js'

const ROOT_KEY = `ch_${'r'.repeat(43)}`
const LIMIT = 60
/** The promise is 20 of 20: `ROUNDS=20 npx vitest run test/e2e/rate-limits-failover.e2e-spec.ts`. */
const ROUNDS = Number(process.env.ROUNDS ?? 1)
const QUERY = JSON.stringify({ dataset: 'transactions', measures: ['transactions'] })
const URL_OF = (redis: TestRedis): string => `http://127.0.0.1:${redis.port}`

describe.skipIf(!redisInstalled())('a limit over two instances', () => {
  const agent = new Agent({ keepAlive: true, maxSockets: 1000 })
  let postgres: TestPostgres
  let database: Database
  let servers: TestServer[] = []
  /** The instances reach Redis through an address that leads to another server after a failover. */
  let address: BreakingProxy
  let master: TestRedis
  let replica: TestRedis

  beforeAll(async () => {
    ;[postgres, master, replica] = await Promise.all([
      startPostgres(postgresMigrations),
      TestRedis.start(),
      TestRedis.start(),
    ])
    database = await postgres.connect(1)
    await replica.command('REPLICAOF', '127.0.0.1', String(master.port))
    address = await BreakingProxy.before(URL_OF(master))
    const env = {
      POSTGRES_URL: postgres.url,
      ADMIN_API_KEY: hashOfKey(ROOT_KEY),
      REDIS_URL: address.url.replace('http', 'redis'),
    }
    const first = await startServer({ rootKey: ROOT_KEY, env })
    const second = await startServer({ rootKey: ROOT_KEY, env })
    servers = [first, second]
    await untilInRedis()
  })
  afterAll(async () => {
    agent.destroy()
    await Promise.all(servers.map((server) => server.stop()))
    await postgres?.stop()
    await address?.close()
    await Promise.all([master?.stop(), replica?.stop()])
  })

  const untilInRedis = () =>
    until(async () => {
      const [row] = await database.query<{ store: string }>(
        `SELECT store FROM rate_limit_generation
         WHERE NOT EXISTS (SELECT FROM rate_limit_instances WHERE generation < number)`,
      )
      expect(row?.store).toBe('redis')
    })

  const newKey = async (): Promise<string> => {
    const account = { username: `user-${process.pid}-${performance.now()}`, credits: 5000, rateLimitPerMinute: LIMIT }
    const { status, body } = await servers[0]!.json('POST', '/v1/admin/create-user', account)
    expect(status, JSON.stringify(body)).toBe(201)
    return body.apiKey
  }

  const execute = (n: number, key: string): Promise<number> =>
    new Promise((done, failed) => {
      const headers = { 'x-api-key': key, 'content-type': 'application/json' }
      const url = `${servers[n % 2]!.url}/v1/query`
      request(url, { method: 'POST', agent, headers }, (answer) => {
        answer.resume().on('end', () => done(answer.statusCode!))
      })
        .on('error', failed)
        .end(QUERY)
    })
  const burst = (count: number, key: string) => Promise.all(Array.from({ length: count }, (_, n) => execute(n, key)))

  /** Some before, some through the fault, a thousand at once, and some until Redis has been taken up again. */
  async function statusesThrough(fault: () => Promise<unknown>, end: () => Promise<unknown>): Promise<number[]> {
    const key = await newKey()
    const statuses: number[] = []
    const inTurn = async (count: number, from = 0) => {
      for (let n = 0; n < count; n++) statuses.push(await execute(n + from, key))
    }
    // Most of it on one instance, so that the other one does not know of it.
    for (let n = 0; n < 15; n++) statuses.push(await execute(0, key))
    await inTurn(5)
    const striking = fault()
    await inTurn(10)
    await striking
    statuses.push(...(await burst(1000, key)))
    await end()
    await inTurn(10)
    await untilInRedis()
    await inTurn(10)
    statuses.push(...(await burst(100, key)))
    return statuses
  }

  const tally = (statuses: number[]) =>
    statuses.reduce<Record<number, number>>((sums, each) => ({ ...sums, [each]: (sums[each] ?? 0) + 1 }), {})

  const told = () => servers.map((server) => server.output()).join('---\n')

  /** The replica takes over, and the old master follows it. */
  async function failOver(): Promise<void> {
    await replica.command('REPLICAOF', 'NO', 'ONE')
    ;[master, replica] = [replica, master]
    address.moveTo(URL_OF(master))
  }

  const faults: [string, () => Promise<unknown>, () => Promise<unknown>][] = [
    [
      'the master becomes a replica and another one takes over',
      async () => {
        await failOver()
        await replica.command('REPLICAOF', '127.0.0.1', String(master.port))
      },
      async () => undefined,
    ],
    [
      'the master is killed and another one takes over',
      async () => {
        await master.kill()
        await failOver()
      },
      async () => {
        await replica.startAgain()
        await replica.command('REPLICAOF', '127.0.0.1', String(master.port))
      },
    ],
    ['Redis is killed and comes back empty', () => master.kill(), () => master.startAgain()],
    ['Redis hangs', async () => master.pause(), async () => master.resume()],
    ['nothing happens', async () => undefined, async () => undefined],
  ]
  const rounds = Array.from(
    { length: ROUNDS * faults.length },
    (_, n) => [n + 1, ...faults[n % faults.length]!] as const,
  )

  it.each(rounds)('stays what it is, round %i: %s', async (round, name, fault, end) => {
    const startedAt = performance.now()
    const statuses = await statusesThrough(fault, end)
    const tookMs = Math.round(performance.now() - startedAt)
    console.log(`round ${round}, ${name}: ${JSON.stringify(tally(statuses))} in ${tookMs} ms`)
    // The window must not have ended meanwhile.
    expect(tookMs).toBeLessThan(60_000)
    expect(tally(statuses), told()).toEqual({ 200: LIMIT, 429: statuses.length - LIMIT })
  })

  it.each(Array.from({ length: ROUNDS }, (_, n) => n + 1))('stays what it is in a burst, round %i', async (round) => {
    await sleep(0)
    const statuses = await burst(1000, await newKey())
    console.log(`burst ${round}: ${JSON.stringify(tally(statuses))}`)
    expect(tally(statuses), told()).toEqual({ 200: LIMIT, 429: 1000 - LIMIT })
  })
})
