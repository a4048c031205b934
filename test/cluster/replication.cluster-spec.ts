import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { TestServer } from '../support/server.js'
import { until } from '../support/until.js'
import { ReplicaSet } from './support/replica-set.js'
import { SeededRandom } from '../../tools/generator/random.js'
import { ClusterStage, load, THROTTLED, totals, transactions } from './support/stage.js'

const ROWS = Number(process.env.CLUSTER_ROWS ?? 200_000)
const ROUNDS = Number(process.env.CLUSTER_ROUNDS ?? 1)
const SEED = Number(process.env.SEED ?? Date.now() % 1_000_000)

describe.skipIf(!ReplicaSet.canRun('replication that lags'))(`replicas that fetch 2 MB a second (SEED=${SEED})`, () => {
  const random = new SeededRandom(SEED)
  let stage: ClusterStage
  let server: TestServer
  let rows = 0
  let usualMs = Infinity

  beforeAll(async () => {
    stage = await ClusterStage.start({ moreXml: THROTTLED })
    server = await stage.server()
  })
  afterAll(() => stage?.stop())

  /** How long a load takes, whose rows every replica then has. */
  const timed = async (): Promise<number> => {
    const body = transactions(ROWS, { first: rows })
    const beganMs = performance.now()
    const loaded = await load(server, body)
    const tookMs = Math.round(performance.now() - beganMs)
    expect(loaded).toMatchObject({ status: 'succeeded', rowsAccepted: ROWS })
    rows += ROWS
    await stage.expectStanding({ rows, quantity: rows })
    return tookMs
  }

  it.each(Array.from({ length: ROUNDS }, (_unused, round) => round + 1))(
    'shows every accepted row on every replica once a load has succeeded (round %i)',
    async () => {
      const tookMs = await timed()
      usualMs = Math.min(usualMs, tookMs)
      console.log(`${ROWS} rows on every replica after ${tookMs} ms`)
      expect(await totals(server)).toEqual({ status: 200, rows, quantity: rows })
    },
  )

  it('takes all rows of a load out on every replica', async () => {
    const { id } = await load(server, transactions(ROWS / 4, { first: rows }))
    const { body } = await server.json('DELETE', `/v1/ingestions/${id}`)
    expect(body).toMatchObject({ rowsDeleted: ROWS / 4 })
    await stage.expectStanding({ rows, quantity: rows })
  })

  it('reports every rejected row', async () => {
    const bad = transactions(ROWS / 50, { first: rows }).replaceAll(/,1$/gm, ',many')
    const good = transactions(ROWS / 25, { first: rows }).replace(/^.*\n/, '')
    const job = await load(server, bad + good)
    expect(job).toMatchObject({ status: 'succeeded', rowsAccepted: ROWS / 25, rowsRejected: ROWS / 50 })
    rows += ROWS / 25
    const { body } = await server.json('GET', `/v1/ingestions/${job.id}/rejects?limit=1`)
    expect(body.pagination.total).toBe(ROWS / 50)
    const csv = { headers: { accept: 'text/csv' } }
    const text = await (await server.fetch(`/v1/ingestions/${job.id}/rejects`, csv)).text()
    expect(text.trim().split('\n').length).toBe(ROWS / 50 + 1)
    await stage.expectStanding({ rows, quantity: rows })
  })

  it.each(Array.from({ length: ROUNDS }, (_unused, round) => round + 1))(
    'loses and doubles nothing when a node is killed on the way (round %i)',
    async () => {
      const body = transactions(ROWS, { first: rows })
      const [node, afterMs] = [random.pick(stage.set.nodes), random.integer(0, usualMs)]
      const beganMs = performance.now()
      const loading = load(server, body)
      await new Promise((done) => setTimeout(done, afterMs))
      await stage.set.kill(node)
      const loaded = await loading
      const tookMs = Math.round(performance.now() - beganMs)
      console.log(`killed ${node.shard}.${node.replica} after ${afterMs} of ${tookMs} ms`)
      expect(loaded).toMatchObject({ status: 'succeeded', rowsAccepted: ROWS })
      rows += ROWS
      await stage.expectStanding({ rows, quantity: rows })
      await stage.set.start(node)
      // Nobody may hear less from the node that has come back.
      for (let query = 0; query < 5; query++)
        expect(await totals(server)).toEqual({ status: 200, rows, quantity: rows })
      await until(() => stage.expectStanding({ rows, quantity: rows }))
    },
  )

  it('loads within twice the usual time while a replica is dead', async () => {
    const node = random.pick(stage.set.nodes)
    await stage.set.kill(node)
    // The first statement for the whole cluster waits until Keeper gives the node up, six seconds here.
    console.log(`usually ${usualMs} ms; with ${node.shard}.${node.replica} dead at first ${await timed()} ms`)
    await expect
      .poll(async () => {
        const tookMs = await timed()
        console.log(`then ${tookMs} ms`)
        return tookMs
      })
      .toBeLessThan(2 * usualMs)
    await stage.set.start(node)
    await until(() => stage.expectStanding({ rows, quantity: rows }))
  })
})
