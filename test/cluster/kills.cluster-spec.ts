import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { SeededRandom } from '../../tools/generator/random.js'
import type { TestServer } from '../support/server.js'
import { until } from '../support/until.js'
import { ReplicaSet } from './support/replica-set.js'
import { ClusterStage, load, orderTaker, sendEvents, totals, transactions } from './support/stage.js'

const SEED = Number(process.env.SEED ?? Date.now() % 1_000_000)
const ROUNDS = Number(process.env.CLUSTER_ROUNDS ?? 1)
const rounds = Array.from({ length: ROUNDS }, (_unused, round) => round + 1)
const ROWS = 5_000

describe.skipIf(!ReplicaSet.canRun('Nodes that are killed'))(`while nodes are killed (SEED=${SEED})`, () => {
  const random = new SeededRandom(SEED)
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

  /** Runs `work`, kills a node on the way, at most so long after `moment`, and brings it back afterwards. */
  const withKill = async <T>(
    work: () => Promise<T>,
    mostMs: number,
    moment: () => Promise<void> = () => Promise.resolve(),
  ): Promise<T> => {
    const [node, afterMs] = [random.pick(stage.set.nodes), random.integer(0, mostMs)]
    const kill = moment()
      .then(() => sleep(afterMs))
      .then(() => stage.set.kill(node))
    const [result] = await Promise.all([work(), kill])
    console.log(`killed ${node.shard}.${node.replica} after ${afterMs} ms`)
    await stage.set.start(node)
    // It takes part again by itself.
    const readOnly = 'SELECT count() FROM system.replicas WHERE is_readonly'
    await until(async () => expect(await stage.set.query(node, readOnly)).toBe('0'))
    return result
  }

  const expectEverywhere = () => stage.expectEverywhere(server, { rows, quantity: rows })

  const loadNext = () => load(server, transactions(ROWS, { first: rows }))

  it.each(rounds)('loads everything once (round %i)', async () => {
    const loaded = await withKill(loadNext, 2_500)
    expect(loaded).toMatchObject({ status: 'succeeded', rowsAccepted: ROWS })
    rows += ROWS
    await expectEverywhere()
  })

  it.each(rounds)('publishes everything once (round %i)', async () => {
    const sql = `SELECT count(*)::int AS jobs FROM ingestions WHERE committing AND status = 'running'`
    const publishes = async (): Promise<void> => {
      await until(async () => expect(await stage.sql(sql)).toEqual([{ jobs: 1 }]))
    }
    const loaded = await withKill(loadNext, 400, publishes)
    expect(loaded).toMatchObject({ status: 'succeeded', rowsAccepted: ROWS })
    rows += ROWS
    await expectEverywhere()
  })

  it.each(rounds)('reports every rejected row (round %i)', async () => {
    const bad = transactions(ROWS, { first: 2 * rows }).replaceAll(/,1$/gm, ',many')
    const body = bad + transactions(ROWS, { first: rows }).replace(/^.*\n/, '')
    const job = await withKill(() => load(server, body), 3_000)
    expect(job).toMatchObject({ status: 'succeeded', rowsAccepted: ROWS, rowsRejected: ROWS })
    rows += ROWS
    const rejects = await server.json('GET', `/v1/ingestions/${job.id}/rejects?limit=1`)
    expect(rejects.body.pagination.total).toBe(ROWS)
    await expectEverywhere()
  })

  it.each(rounds)('takes everything out (round %i)', async () => {
    const { id } = await loadNext()
    await withKill(async () => {
      await until(async () => {
        const { status, body } = await server.json('DELETE', `/v1/ingestions/${id}`)
        expect({ status, rowsDeleted: body.rowsDeleted }).toEqual({ status: 200, rowsDeleted: ROWS })
      })
    }, 2_000)
    await expectEverywhere()
  })

  it.each(rounds)('delivers the items of each order once (round %i)', async () => {
    const order = await orderTaker(server, `round-${random.integer(0, 1_000_000)}`)
    const taken = await withKill(async () => {
      let count = 0
      for (const endMs = performance.now() + 3_000; performance.now() < endMs; await sleep(50)) {
        expect(await order()).toBe(201)
        count++
      }
      return count
    }, 2_500)
    rows += taken
    await until(async () => expect(await totals(server)).toEqual({ status: 200, rows, quantity: rows }))
    await expectEverywhere()
  })

  it.each(rounds)('answers queries whole or not at all (round %i)', async () => {
    const answers = await withKill(async () => {
      const seen: Awaited<ReturnType<typeof totals>>[] = []
      for (const endMs = performance.now() + 4_000; performance.now() < endMs;) seen.push(await totals(server))
      return seen
    }, 3_000)
    for (const answer of answers)
      expect([{ status: 503 }, { status: 200, rows, quantity: rows }]).toContainEqual(answer)
    expect(answers.filter(({ status }) => status === 200).length).toBeGreaterThan(answers.length / 2)
  })

  it.each(rounds)('keeps each acknowledged event once (round %i)', async (round) => {
    const source = `round-${round}`
    const send = async (batch: number): Promise<boolean> => {
      const status = await sendEvents(server, source, { first: batch * 50, count: 50 })
      expect([200, 503]).toContain(status)
      return status === 200
    }
    const sent = await withKill(async () => {
      const acknowledged: number[] = []
      for (let batch = 0; batch < 20; batch++) if (await send(batch)) acknowledged.push(batch)
      return acknowledged
    }, 2_000)
    expect(sent.length).toBeGreaterThan(10)
    await until(async () => {
      for (const shard of [1, 2]) {
        const nodes = stage.set.nodes.filter((node) => node.shard === shard)
        const counts = await Promise.all(nodes.map((node) => stage.set.query(node, eventsOf(source))))
        expect(new Set(counts).size).toBe(1)
      }
    })
    const sql = `SELECT toUInt64(numbers['number']) AS n, count() FROM events WHERE source = '${source}' GROUP BY n`
    const stored = new Map(
      (await stage.set.query(stage.set.nodes[0]!, sql))
        .split('\n')
        .map((line) => line.split('\t').map(Number) as [number, number]),
    )
    for (const batch of sent)
      for (let at = 0; at < 50; at++)
        expect([batch * 50 + at, stored.get(batch * 50 + at)]).toEqual([batch * 50 + at, 1])
    expect([...stored.values()].filter((count) => count > 1)).toEqual([])
  })
})

const eventsOf = (source: string): string => `SELECT count() FROM events_local WHERE source = '${source}'`
