import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { PostgresClient } from '../../src/infrastructure/database/postgres-client.js'
import { postgresMigrations } from '../../migrations/postgres/index.js'
import { Config } from '../../src/config/config.js'
import { hashOfKey } from '../../src/auth/api-keys/api-key.js'
import { LogPartitionsRepository } from '../../src/logs/log-partitions.repository.js'
import { LogPartitionsService } from '../../src/logs/log-partitions.service.js'
import { startPostgres, type TestPostgres } from '../support/postgres.js'
import { startServer, type TestServer } from '../support/server.js'
import { until } from '../support/until.js'

const ROOT_KEY = `ch_${'r'.repeat(43)}`

let postgres: TestPostgres

beforeAll(async () => {
  postgres = await startPostgres(postgresMigrations)
})
afterAll(async () => {
  await postgres?.stop()
})

async function query<Row = any>(text: string, values: unknown[] = []): Promise<Row[]> {
  const client = new PostgresClient({ connectionString: postgres.url })
  await client.connect()
  try {
    return (await client.query(text, values)).rows
  } finally {
    await client.end()
  }
}

describe('the request log while PostgreSQL is away', () => {
  let server: TestServer | undefined
  afterEach(async () => {
    await server?.stop()
    server = undefined
  })

  const start = async (): Promise<TestServer> => {
    const env = { POSTGRES_URL: postgres.url, ADMIN_API_KEY: hashOfKey(ROOT_KEY), METRICS_TOKEN: 'scrape-me' }
    return startServer({ env, rootKey: ROOT_KEY })
  }
  /** Needs no database. */
  const callHealth = async (times: number): Promise<void> => {
    for (let n = 0; n < times; n++) expect((await server!.fetch('/health/live')).status).toBe(200)
  }
  const loggedHealth = async (): Promise<number> =>
    Number((await query(`SELECT count(*) FROM request_logs WHERE endpoint = '/health/live'`))[0].count)
  const metric = async (name: string): Promise<number> => {
    const response = await fetch(`${server!.url}/metrics`, { headers: { authorization: 'Bearer scrape-me' } })
    return Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(await response.text())?.[1])
  }

  it('keeps the rows and writes them when it is back, each once', async () => {
    server = await start()
    const before = await loggedHealth()
    await callHealth(20)
    await postgres.shutDown()
    await callHealth(700)
    await until(async () => expect(await metric('countinghouse_request_log_buffered_rows')).toBeGreaterThanOrEqual(700))
    await until(async () => expect(server!.output()).toMatch(/\d+ rows of the request log wait for PostgreSQL/))
    await postgres.startAgain()
    await until(async () => expect(await loggedHealth()).toBe(before + 720), 30_000)
    await sleep(500)
    expect(await loggedHealth()).toBe(before + 720)
    expect(await metric('countinghouse_request_log_dropped_total')).toBe(0)
    const [sums] = await query(
      `SELECT sum(requests)::int AS requests FROM endpoint_daily WHERE endpoint = '/health/live'`,
    )
    expect(sums.requests).toBe(before + 720)
  })

  it('writes what is buffered when the process stops', async () => {
    server = await start()
    const before = await loggedHealth()
    await callHealth(30)
    expect(await server.stop()).toBe(0)
    server = undefined
    expect(await loggedHealth()).toBe(before + 30)
  })

  it('says how many rows were lost when the process stops without a database', async () => {
    server = await start()
    await postgres.shutDown()
    await callHealth(25)
    const stopped = server
    await stopped.stop()
    server = undefined
    await postgres.startAgain()
    expect(stopped.output()).toMatch(/(2[5-9]|3\d) rows of the request log were dropped/)
  })
})

describe('partitions of the request log', () => {
  const partitions = async (): Promise<string[]> =>
    (
      await query(
        `SELECT c.relname AS name FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
         WHERE i.inhparent = 'request_logs'::regclass ORDER BY 1`,
      )
    ).map(({ name }) => name)
  const serviceWith = async (logRetentionDays: number): Promise<LogPartitionsService> =>
    new LogPartitionsService(
      new LogPartitionsRepository(await postgres.connect(2)),
      Object.assign(new Config(), { logRetentionDays }),
    )

  it('are made for this month and the next two, and dropped when all in them is too old', async () => {
    const service = await serviceWith(45)
    await service.maintain(new Date('2031-11-15T00:00:00Z'))
    expect(await partitions()).toEqual(
      expect.arrayContaining(['request_logs_2031_11', 'request_logs_2031_12', 'request_logs_2032_01']),
    )
    await query(
      `INSERT INTO request_logs (id, request_id, method, endpoint, status, duration_ms, credits_charged, ip, "timestamp")
       SELECT uuid_v7(), 'x', 'GET', '/old', 200, 1, 0, '::1', at FROM unnest($1::timestamptz[]) at`,
      [['2031-11-30T23:59:59.999Z', '2031-12-01T00:00:00Z', '2032-01-31T00:00:00Z']],
    )
    // 45 days before the 14th of January is still in November, before the 15th no more.
    await service.maintain(new Date('2032-01-14T00:00:00Z'))
    expect(await partitions()).toContain('request_logs_2031_11')
    await service.maintain(new Date('2032-01-15T00:00:00Z'))
    const left = await partitions()
    expect(left).not.toContain('request_logs_2031_11')
    expect(left).toEqual(expect.arrayContaining(['request_logs_2031_12', 'request_logs_2032_03']))
    const rows = await query(`SELECT 1 FROM request_logs WHERE endpoint = '/old'`)
    expect(rows).toHaveLength(2)
  })

  it('are made by instances that start together, without a conflict', async () => {
    const services = await Promise.all(Array.from({ length: 5 }, () => serviceWith(90)))
    await Promise.all(services.map((service) => service.maintain(new Date('2040-06-01T00:00:00Z'))))
    expect(await partitions()).toEqual(
      expect.arrayContaining(['request_logs_2040_06', 'request_logs_2040_07', 'request_logs_2040_08']),
    )
  })
})
