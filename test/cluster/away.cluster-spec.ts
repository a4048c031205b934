import { afterAll, beforeAll, describe, expect, it, onTestFailed } from 'vitest'
import type { TestServer } from '../support/server.js'
import { until } from '../support/until.js'
import { ReplicaSet, type ClusterNode } from './support/replica-set.js'
import { ClusterStage, load, orderTaker, sendEvents, totals, transactions } from './support/stage.js'

const ROWS = 5_000
/** What a start may take, in starts with all nodes alive: who waits for a dead one waits for minutes. */
const MAX_STARTS = 6

// One after another: each test goes on from where the one before it left the cluster.
describe.skipIf(!ReplicaSet.canRun('What is away'))('with a node, a shard or Keeper away', () => {
  let stage: ClusterStage
  let server: TestServer
  let rows = 0

  beforeAll(async () => {
    stage = await ClusterStage.start()
    server = await stage.server()
    await load(server, transactions(ROWS))
    rows = ROWS
  })
  afterAll(() => stage?.stop())

  const nodesOf = (shard: number): [ClusterNode, ClusterNode] => {
    return stage.set.nodes.filter((node) => node.shard === shard) as [ClusterNode, ClusterNode]
  }

  const expectEverywhere = () => stage.expectEverywhere(server, { rows, quantity: rows })

  const startedWithinMs = async (env: Record<string, string> = {}): Promise<number> => {
    const beganMs = performance.now()
    const started = await stage.server({ INGESTION_WORKER: 'false', ...env })
    const tookMs = Math.round(performance.now() - beganMs)
    // One on another database would bring the orders there.
    await started.stop()
    return tookMs
  }

  it('does not wait for a replica that has just died when it starts, also on a new database', async () => {
    const [alive, dead] = nodesOf(1)
    const wholeMs = await startedWithinMs()
    await stage.set.kill(dead)
    const tookMs = await startedWithinMs()
    const newTookMs = await startedWithinMs({ CLICKHOUSE_DATABASE: 'another' })
    await stage.set.start(dead)
    console.log(`started in ${wholeMs} ms, with a dead replica in ${tookMs}, on a new database in ${newTookMs}`)
    expect(tookMs).toBeLessThan(MAX_STARTS * wholeMs)
    expect(newTookMs).toBeLessThan(MAX_STARTS * wholeMs)
    const sql = 'SELECT name, engine FROM system.tables WHERE database = currentDatabase() ORDER BY name'
    const tables = await stage.set.query(alive, sql, 'another')
    expect(tables).toContain('transactions_local')
    await until(async () => expect(await stage.set.query(dead, sql, 'another')).toBe(tables))
  })

  it('loads, takes out, answers and takes events while a node hangs, which has all of it when it goes on', async () => {
    const [, hangs] = nodesOf(2)
    stage.set.pause(hangs)
    expect(await totals(server)).toEqual({ status: 200, rows, quantity: rows })
    expect(await load(server, transactions(ROWS, { first: rows }))).toMatchObject({ status: 'succeeded' })
    const { id } = await load(server, transactions(ROWS, { first: 2 * rows }))
    rows += ROWS
    const deleted = await server.json('DELETE', `/v1/ingestions/${id}`)
    expect(deleted.body).toMatchObject({ rowsDeleted: ROWS })
    expect(await sendEvents(server, 'hanging', { first: 0, count: 100 })).toBe(200)
    await stage.expectStanding({ rows, quantity: rows })
    stage.set.resume(hangs)
    for (let query = 0; query < 20; query++) expect(await totals(server)).toEqual({ status: 200, rows, quantity: rows })
    await expectEverywhere()
    await until(async () => expect(await eventsOn(hangs)).toBe(await eventsOn(nodesOf(2)[0])))
  })

  it('answers no query without Keeper, and goes on when it returns', async () => {
    onTestFailed(() => console.log(server.output().slice(-8_000)))
    await stage.set.killKeeper()
    await until(async () => expect(await totals(server)).toEqual({ status: 503 }))
    const waiting = load(server, transactions(ROWS, { first: rows }))
    await stage.set.startKeeper()
    expect(await waiting).toMatchObject({ status: 'succeeded', rowsAccepted: ROWS })
    rows += ROWS
    await expectEverywhere()
  })

  it('refuses while both replicas of a shard are away, and has all of it when they return', async () => {
    const bad = transactions(10, { first: rows + ROWS }).replaceAll(/,1$/gm, ',many')
    const taken = await load(server, transactions(ROWS, { first: rows }) + bad.replace(/^.*\n/, ''))
    expect(taken).toMatchObject({ status: 'succeeded', rowsAccepted: ROWS, rowsRejected: 10 })
    const order = await orderTaker(server)
    const gone = await shardOfRejects(taken.id)
    await Promise.all(nodesOf(gone).map((node) => stage.set.kill(node)))

    expect(await totals(server)).toEqual({ status: 503 })
    const query = { dataset: 'transactions', measures: ['transactions'] }
    expect((await server.json('POST', '/v1/query/dry-run', query)).status).toBe(503)
    expect((await server.json('GET', `/v1/ingestions/${taken.id}/rejects`)).status).toBe(503)
    expect((await server.json('DELETE', `/v1/ingestions/${taken.id}`)).status).toBe(503)
    expect(await sendEvents(server, 'refused', { first: 0, count: 100 })).toBe(503)
    // Orders wait in PostgreSQL.
    expect(await order()).toBe(201)
    const waiting = load(server, transactions(ROWS, { first: 2 * rows + ROWS }))

    await Promise.all(nodesOf(gone).map((node) => stage.set.start(node)))
    expect(await waiting).toMatchObject({ status: 'succeeded', rowsAccepted: ROWS })
    rows += ROWS + 1
    await until(async () => expect(await totals(server)).toEqual({ status: 200, rows, quantity: rows }))
    expect((await server.json('DELETE', `/v1/ingestions/${taken.id}`)).body).toMatchObject({ rowsDeleted: ROWS })
    const { body } = await server.json('GET', `/v1/ingestions/${taken.id}/rejects`)
    expect(body.pagination.total).toBe(10)
    await expectEverywhere()
  })

  const eventsOn = (node: ClusterNode): Promise<string> => {
    return stage.set.query(node, `SELECT count() FROM events_local WHERE source = 'hanging'`)
  }

  const shardOfRejects = async (id: string): Promise<number> => {
    const sql = `SELECT any(_shard_num) FROM ingestion_rejects WHERE ingestion_id = '${id}'`
    return Number(await stage.set.query(stage.set.nodes[0]!, sql))
  }
})
