import Papa from 'papaparse'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startCluster, type TestCluster } from '../support/cluster.js'
import { Customer } from '../support/customer.js'
import type { TestServer } from '../support/server.js'

const ROWS = 60_000
const OF_ONE_USER = 700
const USER = '019aa4c2-7a3e-7cc1-b0a5-3f6f3f0f5a11'
const BEFORE = '2026-01-02T00:00:00Z'

let cluster: TestCluster
let server: TestServer

beforeAll(async () => {
  cluster = await startCluster()
  server = await cluster.start({ RATE_LIMIT_PER_MINUTE: '100000', LOG_LEVEL: 'warn', LOG_RETENTION_DAYS: '3650' })
  await cluster.sql(`CREATE TABLE request_logs_2026_01 PARTITION OF request_logs
    FOR VALUES FROM ('2026-01-01T00:00:00Z') TO ('2026-02-01T00:00:00Z')`)
  // Five requests share each moment, to the microsecond.
  await cluster.sql(
    `INSERT INTO request_logs
       (id, request_id, user_id, method, endpoint, status, duration_ms, credits_charged, ip, "timestamp")
     SELECT gen_random_uuid(), 'r' || n, CASE WHEN n < ${OF_ONE_USER} THEN $1::uuid END, 'GET',
       CASE WHEN n = 5 THEN '=cmd|calc' ELSE '/v1/x' END, 200, 1, 0, '192.0.2.1',
       timestamptz '2026-01-01T00:00:00Z' + make_interval(secs => (n / 5) * 0.000123)
     FROM generate_series(0, ${ROWS - 1}) n`,
    [USER],
  )
  await cluster.sql('ANALYZE request_logs')
})
afterAll(async () => {
  await cluster?.stop()
})

const list = async (query: string) => (await server.json('GET', `/v1/admin/logs?${query}`)).body

async function csv(path: string): Promise<{ response: Response; rows: Record<string, string>[] }> {
  const response = await server.fetch(path, { headers: { accept: 'text/csv' } })
  const { data, errors } = Papa.parse<Record<string, string>>(await response.text(), {
    header: true,
    skipEmptyLines: true,
  })
  expect(errors).toEqual([])
  return { response, rows: data }
}

describe('a long request log', () => {
  it('is gone through by cursor without gaps or repetitions, while rows are being added', async () => {
    const seen: string[] = []
    let cursor = ''
    for (let page = 0; ; page++) {
      const { data, pagination } = await list(`userId=${USER}&to=${BEFORE}&limit=97${cursor}`)
      expect(pagination).toMatchObject({ limit: 97, offset: 0, totalIsExact: true })
      expect(pagination.total).toBe(OF_ONE_USER + page)
      seen.push(...data.map(({ requestId }: { requestId: string }) => requestId))
      if (!pagination.nextCursor) break
      cursor = `&cursor=${pagination.nextCursor}`
      // Newer than every page that is still to come.
      await cluster.sql(
        `INSERT INTO request_logs SELECT gen_random_uuid(), 'new', $1, 'GET', '/v1/x', 200, 1, 0, '192.0.2.1', '2026-01-01T12:00:00Z'`,
        [USER],
      )
    }
    expect(seen).toHaveLength(OF_ONE_USER)
    expect(new Set(seen).size).toBe(OF_ONE_USER)
    const numbers = seen.map((id) => Math.floor(Number(id.slice(1)) / 5))
    expect(numbers).toEqual([...numbers].sort((a, b) => b - a))
  })

  it('pages by offset as by cursor', async () => {
    const first = await list(`to=${BEFORE}&limit=10`)
    const byCursor = await list(`to=${BEFORE}&limit=10&cursor=${first.pagination.nextCursor}`)
    const byOffset = await list(`to=${BEFORE}&limit=10&offset=10`)
    expect(byCursor.data).toEqual(byOffset.data)
    expect(Object.keys(byCursor.data[0])).not.toContain('position')
  })

  it('counts exactly what filters make small, and estimates the rest', async () => {
    const { pagination: whole } = await list(`to=${BEFORE}&limit=1`)
    expect(whole.totalIsExact).toBe(false)
    expect(whole.total).toBeGreaterThan(ROWS / 2)
    expect(whole.total).toBeLessThan(ROWS * 2)
    const { pagination: small } = await list(`to=${BEFORE}&status=500`)
    expect(small).toMatchObject({ total: 0, totalIsExact: true, nextCursor: null })
  })

  it.each(['x', 'MjAyNg', Buffer.from(`2026-13-01T00:00:00.000000Z ${USER}`).toString('base64url')])(
    'refuses the cursor %s',
    async (cursor) => {
      const { status, body } = await server.json('GET', `/v1/admin/logs?cursor=${cursor}`)
      expect([status, body.errors[0].path]).toEqual([400, 'cursor'])
    },
  )

  it('refuses a cursor together with an offset', async () => {
    const { pagination } = await list('limit=1')
    expect((await server.json('GET', `/v1/admin/logs?offset=1&cursor=${pagination.nextCursor}`)).status).toBe(400)
  })

  it('comes whole as CSV, under the same filters, and no cell of it is a formula', async () => {
    const { response, rows } = await csv(`/v1/admin/logs?to=${BEFORE}&limit=1&endpoint=${encodeURIComponent('/v1/x')}`)
    expect(response.headers.get('content-type')).toBe('text/csv; charset=utf-8')
    expect(response.headers.get('content-disposition')).toContain('attachment')
    expect(rows.filter(({ requestId }) => requestId !== 'new')).toHaveLength(ROWS - 1)
    expect(new Set(rows.map(({ id }) => id)).size).toBe(rows.length)
    expect(rows.at(-1)).toMatchObject({ method: 'GET', status: '200', timestamp: '2026-01-01T00:00:00.000Z' })
    const [formula] = (await csv(`/v1/admin/logs?to=${BEFORE}&endpoint=${encodeURIComponent('=cmd|calc')}`)).rows
    expect(formula!.endpoint).toBe("'=cmd|calc")
  })

  it('refuses wrong filters before a file begins', async () => {
    const response = await server.fetch('/v1/admin/logs?status=x', { headers: { accept: 'text/csv' } })
    expect([response.status, response.headers.get('content-type')]).toEqual([
      400,
      'application/problem+json; charset=utf-8',
    ])
  })
})

describe('a long ledger', () => {
  it('comes whole as CSV', async () => {
    const customer = await Customer.create(server, 1)
    await cluster.sql(
      `SELECT credits_grant(uuid_v7(), $1, n, 50::smallint, NULL, CASE WHEN n = 7 THEN '=1+1' END, NULL)
       FROM generate_series(1, 4500) n`,
      [customer.id],
    )
    await customer.query({ measures: ['transactions'] })
    const { rows } = await csv(`/v1/admin/users/${customer.id}/ledger?limit=1`)
    expect(rows).toHaveLength(4502)
    expect(rows.reduce((sum, { amount }) => sum + Number(amount), 0)).toBe(Number(rows[0]!.balanceAfter))
    expect(rows[0]).toMatchObject({ type: 'charge', amount: '-1', reason: 'query transactions' })
    expect(rows.find(({ amount }) => amount === '7')!.reason).toBe("'=1+1")
    const unknown = await server.fetch(`/v1/admin/users/${USER}/ledger`, { headers: { accept: 'text/csv' } })
    expect(unknown.status).toBe(404)
  })
})
