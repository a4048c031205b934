import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { TestServer } from '../support/server.js'
import { until } from '../support/until.js'
import { ReplicaSet } from './support/replica-set.js'
import { ClusterStage, load, orderTaker, totals, transactions } from './support/stage.js'

describe.skipIf(!ReplicaSet.canRun('A cluster of ClickHouse'))('on two shards with two replicas each', () => {
  let stage: ClusterStage
  let server: TestServer
  let usualMs = 0

  beforeAll(async () => {
    stage = await ClusterStage.start()
    server = await stage.server()
  })
  afterAll(() => stage?.stop())

  const timed = async (body: string): Promise<number> => {
    const beganMs = performance.now()
    expect(await load(server, body)).toMatchObject({ status: 'succeeded' })
    return performance.now() - beganMs
  }

  it('keeps each table as a replicated one and a Distributed one over them', async () => {
    const sql = `SELECT name, engine FROM system.tables WHERE database = currentDatabase() ORDER BY name FORMAT TSV`
    for (const node of stage.set.nodes) {
      const tables = (await stage.set.query(node, sql)).split('\n')
      expect(tables).toEqual(
        expect.arrayContaining([
          'transactions\tDistributed',
          'transactions_local\tReplicatedReplacingMergeTree',
          'events_local\tReplicatedMergeTree',
          'ingestion_rejects_local\tReplicatedReplacingMergeTree',
        ]),
      )
    }
  })

  it('loads, rejects, replaces, answers and takes out as on one node', async () => {
    const bad = 'bad,2024-03-05,France,P1,name,1.50,many\n'
    const first = await load(server, transactions(500) + bad)
    expect(first).toMatchObject({ status: 'succeeded', rowsAccepted: 500, rowsRejected: 1 })
    expect((await server.json('GET', `/v1/ingestions/${first.id}/rejects`)).body).toMatchObject({
      data: [{ row: 501 }],
      pagination: { total: 1 },
    })
    const file = await server.fetch(`/v1/ingestions/${first.id}/rejects`, { headers: { accept: 'text/csv' } })
    expect(await file.text()).toContain(bad)
    expect(await totals(server)).toEqual({ status: 200, rows: 500, quantity: 500 })
    const second = await load(server, transactions(100, { quantity: 3 }))
    expect(await totals(server)).toEqual({ status: 200, rows: 500, quantity: 700 })
    expect((await server.json('DELETE', `/v1/ingestions/${second.id}`)).body).toMatchObject({ rowsDeleted: 100 })
    expect(await totals(server)).toEqual({ status: 200, rows: 400, quantity: 400 })
    expect((await server.json('GET', '/v1/datasets/transactions')).body.rowCount).toBe(400)
    expect((await server.json('POST', '/v1/admin/views/refresh')).status).toBe(200)
    await stage.expectStanding({ rows: 400, quantity: 400 })
  })

  it('takes the items of orders', async () => {
    const order = await orderTaker(server)
    for (let count = 0; count < 4; count++) expect(await order()).toBe(201)
    await until(async () => expect(await totals(server)).toEqual({ status: 200, rows: 404, quantity: 404 }))
    await stage.expectStanding({ rows: 404, quantity: 404 })
  })

  it('counts the rows of all shards in a dry run', async () => {
    await load(server, transactions(30_000, { first: 100_000 }))
    const query = { dataset: 'transactions', measures: ['revenue'] }
    const { body } = await server.json('POST', '/v1/query/dry-run', query)
    expect(body.estimatedRows).toBeGreaterThanOrEqual(30_000)
  })

  it('looks for a thousand texts in a few seconds', { retry: 3 }, async () => {
    const values = Array.from({ length: 999 }, (_unused, at) => `none of ${at}`)
    const filters = [{ member: 'product_name', operator: 'notContains', values }]
    const beganMs = performance.now()
    const query = { dataset: 'transactions', measures: ['transactions'], filters }
    const { body } = await server.json('POST', '/v1/query', query)
    expect(body.data).toEqual([{ transactions: 30_404 }])
    expect(performance.now() - beganMs).toBeLessThan(5_000)
  })

  it('leaves no table of a job behind', async () => {
    const sql = `SELECT count() FROM system.tables WHERE match(name, '^ingestion_[a-z_]+_[0-9]')`
    for (const node of stage.set.nodes) await until(async () => expect(await stage.set.query(node, sql)).toBe('0'))
    usualMs = await timed(transactions(20_000, { first: 200_000 }))
  })

  it('loads in less than twice the usual time while a replica is dead, and starts within 15 seconds', async () => {
    const node = stage.set.nodes[1]!
    await stage.set.kill(node)
    // The first statement for the whole cluster waits until Keeper gives the node up, six seconds here.
    await load(server, transactions(10, { first: 300_000 }))
    await expect
      .poll(async () => timed(transactions(20_000, { first: 400_000 + 20_000 * Math.floor(performance.now()) })), {
        timeout: 60_000,
      })
      .toBeLessThan(2 * usualMs)
    const beganMs = performance.now()
    await stage.server()
    expect(performance.now() - beganMs).toBeLessThan(15_000)
    await stage.set.start(node)
    const { rows, quantity } = await totals(server)
    await until(() => stage.expectStanding({ rows: rows!, quantity: quantity! }))
  })
})
