import { createClient, type ClickHouseClient } from '@clickhouse/client'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { CLUSTER, OneNodeCluster } from '../support/one-node-cluster.js'
import { startServer, type TestServer } from '../support/server.js'
import { until } from '../support/until.js'

const HEADER = 'TransactionId,TransactionDate,Country,ProductId,Price,Quantity'
const text = (keys: string[], quantity: number | string): string =>
  [HEADER, ...keys.map((key) => `${key},2024-03-05,France,P1,1.50,${quantity}`), ''].join('\n')

describe('with CLICKHOUSE_CLUSTER', () => {
  let cluster: OneNodeCluster
  let clickhouse: ClickHouseClient
  let server: TestServer
  const keys = Array.from({ length: 500 }, (_, at) => `T${at}`)

  beforeAll(async () => {
    cluster = await OneNodeCluster.start()
    clickhouse = createClient({ url: cluster.engineUrl, database: 'countinghouse' })
    const env = { CLICKHOUSE_URL: cluster.url, CLICKHOUSE_CLUSTER: CLUSTER, QUERY_COST_CREDITS: '0' }
    server = await startServer({ env })
  })
  afterAll(async () => {
    await clickhouse?.close()
    await server?.stop()
    await cluster?.stop()
  })

  const rowsOf = async <T>(query: string): Promise<T[]> =>
    (await clickhouse.query({ query, format: 'JSONEachRow' })).json<T>()
  const load = async (body: string): Promise<any> => {
    const init = { method: 'POST', headers: { 'content-type': 'text/csv' }, body }
    return (await server.fetch('/v1/ingestions?wait=true', init)).json()
  }
  const totals = async () => {
    const query = { dataset: 'transactions', measures: ['transactions', 'items_sold'] }
    return (await server.json('POST', '/v1/query', query)).body.data[0]
  }

  it('keeps each table as one of the nodes and a Distributed one over them', async () => {
    const tables = await rowsOf<{ name: string; engine: string }>(
      'SELECT name, engine FROM system.tables WHERE database = currentDatabase() ORDER BY name',
    )
    expect(tables).toEqual(
      expect.arrayContaining([
        { name: 'transactions', engine: 'Distributed' },
        { name: 'transactions_local', engine: 'ReplacingMergeTree' },
        { name: 'ingestion_rejects', engine: 'Distributed' },
        { name: 'ingestion_rejects_local', engine: 'ReplacingMergeTree' },
      ]),
    )
  })

  it('loads, rejects, replaces, answers and takes out as on one node', async () => {
    const first = await load(`${text(keys, 1)}bad,2024-03-05,France,P1,1.50,many\n`)
    expect(first).toMatchObject({ status: 'succeeded', rowsAccepted: 500, rowsRejected: 1 })
    expect((await server.json('GET', `/v1/ingestions/${first.id}/rejects`)).body.data).toMatchObject([{ row: 501 }])
    expect(await totals()).toEqual({ transactions: 500, items_sold: 500 })
    const second = await load(text(keys.slice(0, 100), 3))
    expect(second).toMatchObject({ status: 'succeeded' })
    expect(await totals()).toEqual({ transactions: 500, items_sold: 700 })
    const { body } = await server.json('DELETE', `/v1/ingestions/${second.id}`)
    expect(body).toMatchObject({ rowsDeleted: 100 })
    expect(await totals()).toEqual({ transactions: 400, items_sold: 400 })
    expect((await server.json('GET', '/v1/datasets/transactions')).body.rowCount).toBe(400)
    expect((await server.json('POST', '/v1/admin/views/refresh')).status).toBe(200)
  })

  it('takes the items of orders', async () => {
    const created = async (path: string, body: object) => (await server.json('POST', path, body)).body
    const { id: categoryId } = await created('/v1/categories', { name: 'Toys' })
    const { id: productId } = await created('/v1/products', { name: 'Yo-yo', price: 2, categoryId, stockQuantity: 9 })
    const { id: customerId } = await created('/v1/customers', { name: 'Ada', email: 'ada@example.com' })
    const order = await server.json('POST', '/v1/orders', { customerId, items: [{ productId, quantity: 4 }] })
    expect(order.status).toBe(201)
    await until(async () => expect(await totals()).toEqual({ transactions: 401, items_sold: 404 }))
  })

  it('leaves no table of a job behind', async () => {
    await until(async () => {
      const left = await rowsOf(`SELECT name FROM system.tables WHERE match(name, '^ingestion_[a-z]+_[0-9]')`)
      expect(left).toEqual([])
    })
  })

  it('says every statement on tables to the whole cluster, in words that the engine reads', async () => {
    expect(cluster.statements.length).toBeGreaterThan(20)
    for (const statement of cluster.statements) expect(statement).toContain(` ON CLUSTER \`${CLUSTER}\``)
    const stored = cluster.statements.filter((each) => /^CREATE TABLE [^(]*_local`/.test(each) && !/ AS /.test(each))
    expect(stored.length).toBeGreaterThan(2)
    for (const statement of stored) expect(statement).toMatch(/ENGINE = Replicated(Replacing)?MergeTree/)
    for (const statement of cluster.statements) {
      const [row] = await rowsOf<{ text: string }>(
        `SELECT formatQuery('${statement.replace(/[\\']/g, '\\$&')}') AS text`,
      )
      expect(row!.text).toContain('ON CLUSTER')
    }
  })
})
