import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { SeededRandom } from '../../tools/generator/random.js'
import type { TestProgram } from '../support/program.js'
import { rabbitmqInstalled, TestRabbitmq } from '../support/rabbitmq.js'
import { redisInstalled, TestRedis } from '../support/redis.js'
import type { TestServer } from '../support/server.js'
import { until } from '../support/until.js'
import { ReplicaSet } from './support/replica-set.js'
import { ClusterStage, load, orderTaker, totals, transactions } from './support/stage.js'

const SEED = Number(process.env.SEED ?? Date.now() % 1_000_000)
const FILES = 6
const ROWS = 5_000
const canRun = ReplicaSet.canRun('Several instances') && redisInstalled() && rabbitmqInstalled()

describe.skipIf(!canRun)(`two API instances and two workers, with Redis and RabbitMQ (SEED=${SEED})`, () => {
  const random = new SeededRandom(SEED)
  const folder = mkdtempSync(join(tmpdir(), 'countinghouse-spool-'))
  let stage: ClusterStage
  let redis: TestRedis
  let rabbitmq: TestRabbitmq
  let env: Record<string, string>
  let apis: TestServer[]
  let workers: TestProgram[]
  let rows = 0

  beforeAll(async () => {
    ;[stage, redis, rabbitmq] = await Promise.all([ClusterStage.start(), TestRedis.start(), TestRabbitmq.start()])
    env = {
      REDIS_URL: redis.url,
      RABBITMQ_URL: rabbitmq.url,
      SPOOL_DIR: folder,
      INGESTION_WORKER: 'false',
      INGESTION_CHUNK_BYTES: String(64 * 1024),
      QUERY_CACHE_TTL_SECONDS: '600',
    }
    apis = await Promise.all([stage.server(env), stage.server(env)])
    workers = [stage.worker(env), stage.worker(env)]
  })
  afterAll(async () => {
    await stage?.stop()
    await Promise.all([redis?.stop(), rabbitmq?.stop()])
    rmSync(folder, { recursive: true, force: true })
  })

  const expectEverywhere = async (): Promise<void> => {
    for (const api of apis)
      await until(async () => expect(await totals(api)).toEqual({ status: 200, rows, quantity: rows }))
    await until(() => stage.expectStanding({ rows, quantity: rows }))
  }

  it('loads files that come to both, and neither answers from before', async () => {
    for (const at of [0, 1]) {
      const loaded = await load(apis[at]!, transactions(ROWS, { first: rows }))
      expect(loaded).toMatchObject({ status: 'succeeded', rowsAccepted: ROWS })
      rows += ROWS
      await expectEverywhere()
    }
  })

  it('loads every file once while a worker and a node are killed', async () => {
    const loading = Array.from({ length: FILES }, (_unused, file) => {
      return load(apis[file % 2]!, transactions(ROWS, { first: rows + file * ROWS }))
    })
    const node = random.pick(stage.set.nodes)
    const [nodeAfterMs, workerAfterMs] = [random.integer(500, 6_000), random.integer(500, 6_000)]
    await Promise.all([
      sleep(nodeAfterMs).then(() => stage.set.kill(node)),
      sleep(workerAfterMs).then(() => workers[0]!.end('SIGKILL')),
    ])
    console.log(`killed ${node.shard}.${node.replica} after ${nodeAfterMs} ms, a worker after ${workerAfterMs} ms`)
    for (const loaded of await Promise.all(loading))
      expect(loaded).toMatchObject({ status: 'succeeded', rowsAccepted: ROWS })
    rows += FILES * ROWS
    await stage.set.start(node)
    stage.worker(env)
    await expectEverywhere()
  })

  it('takes the rows of one load out once when both are told to, and takes the orders of both', async () => {
    const { id } = await load(apis[0]!, transactions(ROWS, { first: rows }))
    const answers = await Promise.all(apis.map((api) => api.json('DELETE', `/v1/ingestions/${id}`)))
    for (const { body } of answers) expect(body).toMatchObject({ rowsDeleted: ROWS })
    const order = await orderTaker(apis[1]!)
    for (let count = 0; count < 5; count++) expect(await order()).toBe(201)
    rows += 5
    await expectEverywhere()
  })
})
