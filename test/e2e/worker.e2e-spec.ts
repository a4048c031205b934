import { connect, type Channel, type GetMessage } from 'amqplib'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { countedFile, expectedFigures, loadedFigures, type CountedFile } from '../support/counted-file.js'
import { Customer } from '../support/customer.js'
import { TestEngines } from '../support/engines.js'
import { killOverLife, untilEnded } from '../support/kill-scenario.js'
import { startProgram, type TestProgram } from '../support/program.js'
import { rabbitmqInstalled, TestRabbitmq } from '../support/rabbitmq.js'
import { redisInstalled, TestRedis } from '../support/redis.js'
import { SeededRandom } from '../../tools/generator/random.js'
import { startServer, type TestServer } from '../support/server.js'

const ROWS = 40_000

const KILLS = 20
const KILLS_A_JOB = 4

const fileOf = (seed: number, rows: number): CountedFile => countedFile({ seed, rows })

// One after another: each test goes on from where the one before it left the deployment.
describe.skipIf(!redisInstalled() || !rabbitmqInstalled())('API and worker processes on shared engines', () => {
  const workers: TestProgram[] = []
  const seed = Number(process.env.SEED ?? Date.now() % 1_000_000)
  const random = new SeededRandom(seed)
  let dataDir: string
  let engines: TestEngines
  let redis: TestRedis
  let rabbitmq: TestRabbitmq
  let env: Record<string, string>
  let apis: TestServer[] = []
  let api: TestServer
  let customer: Customer

  const startWorker = (more: Record<string, string> = {}): TestProgram => {
    const worker = startProgram('worker', { DATA_DIR: dataDir, ...env, ...more })
    workers.push(worker)
    return worker
  }

  const upload = async (text: string, options = ''): Promise<any> => {
    const headers = { 'content-type': 'text/csv' }
    const response = await api.fetch(`/v1/ingestions${options}`, { method: 'POST', headers, body: text })
    expect(response.status).toBe(202)
    return response.json()
  }

  const jobOf = async (id: string): Promise<any> => (await api.json('GET', `/v1/ingestions/${id}`)).body

  const expectLoaded = async (_seed: number, file: CountedFile) => {
    expect(await loadedFigures(customer, file)).toEqual(expectedFigures(file))
  }

  beforeAll(async () => {
    console.log(`workers: SEED=${seed}`)
    engines = await TestEngines.start()
    dataDir = engines.dataDir
    ;[redis, rabbitmq] = await Promise.all([TestRedis.start(), TestRabbitmq.start()])
    env = {
      ...engines.urls,
      REDIS_URL: redis.url,
      RABBITMQ_URL: rabbitmq.url,
      SPOOL_DIR: join(dataDir, 'shared-spool'),
      RATE_LIMIT_PER_MINUTE: '100000',
      INGESTION_WORKER: 'false',
      INGESTION_LEASE_SECONDS: '1',
      INGESTION_CHUNK_BYTES: String(64 * 1024),
    }
  })
  afterAll(async () => {
    await Promise.all([...apis.map((each) => each.stop({ keepData: true })), ...workers.map((each) => each.end())])
    await Promise.all([engines?.stop(), redis?.stop(), rabbitmq?.stop()])
  })

  it('starts two API processes at the same moment on empty databases, with one root key', async () => {
    apis = await Promise.all([1, 2].map(() => startServer({ env, dataDir })))
    const printed = apis.flatMap((each) => each.output().match(/ch_[0-9A-Za-z]{43}/g) ?? [])
    expect(printed).toHaveLength(1)
    api = apis.find(({ rootKey }) => rootKey)!
    for (const { url } of apis)
      expect((await fetch(`${url}/v1/me`, { headers: { 'x-api-key': api.rootKey } })).status).toBe(200)
    customer = await Customer.create(api, 1_000)
    const { body } = await api.json('GET', '/v1/admin/engines')
    const versions = Object.fromEntries(body.data.map(({ name, version }: any) => [name, version]))
    expect(Object.keys(versions).sort()).toEqual(['clickhouse', 'postgres', 'rabbitmq', 'redis'])
    for (const version of Object.values(versions)) expect(version).toMatch(/^\d+\.\d+/)
    expect(body.data.find(({ name }: any) => name === 'redis').usedBytes).toBeGreaterThan(0)
  })

  it('leaves an upload to the worker, who is told of it by the queue', async () => {
    const file = fileOf(1, 500)
    const job = await upload(file.text)
    await new Promise((done) => setTimeout(done, 1_000))
    expect(await jobOf(job.id)).toMatchObject({ status: 'queued', rowsRead: 0 })
    const worker = startWorker()
    await expect.poll(() => jobOf(job.id)).toMatchObject({ status: 'succeeded', rowsRead: 500 })
    await expectLoaded(1, file)
    await expect.poll(() => messagesIn(rabbitmq, 'countinghouse.ingestions')).toBe(0)
    expect(worker.output()).not.toContain('ch_')
    expect(await worker.end()).toBe(0)
  })

  it('finishes with a second worker what the first one was killed over', async () => {
    const file = fileOf(2, ROWS)
    const first = startWorker()
    await first.printed(/Waiting for ingestions/)
    const { id } = await upload(file.text)
    await expect.poll(async () => (await jobOf(id)).rowsRead, { interval: 10 }).toBeGreaterThan(0)
    await first.end('SIGKILL')
    // On a machine where this process waited for its turn the kill came too late; the kills below are spread over jobs.
    console.log(`killed when ${(await jobOf(id)).rowsRead} of ${ROWS} rows were read`)
    startWorker()
    const whole = { status: 'succeeded', rowsRead: ROWS, rowsAccepted: ROWS, rowsRejected: 0 }
    await expect.poll(() => jobOf(id)).toMatchObject(whole)
    await expectLoaded(2, file)
  })

  it('sells ten of fifty parallel queries on ten credits, asked of both API processes', async () => {
    const poor = await Customer.create(api, 10)
    const [here, there] = apis.map(({ url }) => `${url}/v1/query`)
    const execute = async (url: string) => {
      const headers = { 'x-api-key': poor.key, 'content-type': 'application/json' }
      const body = JSON.stringify({ dataset: 'transactions', measures: ['transactions'] })
      const response = await fetch(url, { method: 'POST', headers, body })
      return { status: response.status, body: (await response.json()) as any }
    }
    const answers = await Promise.all(Array.from({ length: 50 }, (_, at) => execute(at % 2 ? here! : there!)))
    const sold = answers.filter(({ status }) => status === 200)
    expect(sold).toHaveLength(10)
    expect(answers.filter(({ status }) => status === 402)).toHaveLength(40)
    for (const { body } of sold) expect(body.data).toEqual([{ transactions: 500 + ROWS }])
    const ledger = (await api.json('GET', `/v1/admin/users/${poor.id}/ledger?limit=500`)).body.data as any[]
    expect(ledger.reduce((sum, { amount }) => sum + amount, 0)).toBe(0)
    expect(await poor.credits()).toBe(0)
  })

  it('shows what one worker loaded in the answers of every API process at once', async () => {
    const query = { measures: ['transactions'] }
    const counts = async () => {
      const found: number[] = []
      for (const each of apis) {
        customer.moveTo(each)
        found.push((await customer.execute(query)).data[0].transactions)
      }
      return found
    }
    const before = await counts()
    const { id } = await upload(fileOf(3, 100).text)
    await expect.poll(async () => (await jobOf(id)).status).toBe('succeeded')
    expect(await counts()).toEqual(before.map((count) => count + 100))
  })

  const endWorkers = async () => {
    await Promise.all(workers.map((each) => each.end()))
    workers.length = 0
  }
  const untilRead = async (id: string, rows: number) => {
    while ((await jobOf(id)).rowsRead < rows) await sleep(15)
  }
  const expectWhole = async (id: string, file: CountedFile) => {
    const whole = { status: 'succeeded', rowsRead: file.rows, rowsAccepted: file.rows, rowsRejected: 0 }
    expect(await untilEnded(() => jobOf(id))).toMatchObject(whole)
    expect(await loadedFigures(customer, file)).toEqual(expectedFigures(file))
  }

  it(`loses nothing and doubles nothing when the worker is killed at ${KILLS} moments`, async () => {
    await endWorkers()
    const rows = 10_000
    let worker = startWorker()
    for (let kills = 0, job = 0; kills < KILLS; job++) {
      const file = fileOf(100 + job, rows)
      const { id } = await upload(file.text)
      const killAndRestart = async () => {
        await worker.end('SIGKILL')
        worker = startWorker()
      }
      const course = { random, rows, kills: KILLS_A_JOB, jobOf: () => jobOf(id), killAndRestart }
      kills += await killOverLife(course)
      await expectWhole(id, file)
    }
  })

  it('goes on over a restart of RabbitMQ under load, and takes uploads while it is away', async () => {
    const files = [200, 201, 202].map((each) => fileOf(each, 20_000))
    const ids: string[] = []
    for (const { text } of files.slice(0, 2)) ids.push((await upload(text)).id)
    await untilRead(ids[0]!, 1)
    await rabbitmq.shutDown()
    ids.push((await upload(files[2]!.text)).id)
    await rabbitmq.startAgain()
    for (const [at, file] of files.entries()) await expectWhole(ids[at]!, file)
  })

  it('never has two workers on one job, not even one that was frozen and comes back', async () => {
    await endWorkers()
    const file = fileOf(300, ROWS)
    const frozen = startWorker()
    await frozen.printed(/Waiting for ingestions/)
    const { id } = await upload(file.text)
    await untilRead(id, 1)
    frozen.process.kill('SIGSTOP')
    try {
      startWorker()
      startWorker()
      await expectWhole(id, file)
    } finally {
      frozen.process.kill('SIGCONT')
    }
    await sleep(2_000)
    await expectWhole(id, file)
    await endWorkers()
  })

  it('puts messages that name no job among the dead letters, and goes on', async () => {
    startWorker()
    const poison = ['no job at all', '019aa4c2-7a3e-7cc1-b0a5-3f6f3f0f5a11']
    await onChannel(rabbitmq, async (channel) => {
      for (const text of poison) channel.sendToQueue('countinghouse.ingestions', Buffer.from(text))
      channel.sendToQueue('countinghouse.users', Buffer.from('{"rows":1}'))
    })
    const letters = [
      await deadLetter(rabbitmq, 'countinghouse.ingestions'),
      await deadLetter(rabbitmq, 'countinghouse.ingestions'),
    ]
    expect(letters.map(({ content }) => content.toString()).sort()).toEqual([...poison].sort())
    expect(letters.map(({ properties }) => properties.headers?.['x-reason'])).toContain('there is no job with this id')
    expect((await deadLetter(rabbitmq, 'countinghouse.users')).content.toString()).toBe('{"rows":1}')
    const file = fileOf(400, 200)
    await expectWhole((await upload(file.text)).id, file)
  })

  it('fails a job whose file no worker can see, names SPOOL_DIR, and buries its message', async () => {
    await endWorkers()
    startWorker({ SPOOL_DIR: join(dataDir, 'another-spool') })
    const { id } = await upload(fileOf(500, 100).text)
    const job = await untilEnded(() => jobOf(id))
    expect(job).toMatchObject({
      status: 'failed',
      error: expect.stringMatching(/cannot see the uploaded file.*SPOOL_DIR/),
    })
    expect(job.error).not.toContain(dataDir)
    expect((await deadLetter(rabbitmq, 'countinghouse.ingestions')).content.toString()).toBe(id)
    await endWorkers()
  })

  it('makes accounts of a file of users whose batches come twice, or whose worker is killed', async () => {
    const rows = 12_000
    const lines = Array.from(
      { length: rows },
      (_, at) => `${at},First,Worker ${at},w${at}@example.com,1700000000,-1,-1,-1`,
    )
    const header = 'id,first_name,last_name,email_address,created_at,deleted_at,merged_at,parent_user_id'
    const text = `${[header, ...lines].join('\n')}\n`
    const before = (await api.json('GET', '/v1/admin/users')).body.pagination.total
    const { id } = await upload(text, '?dataset=users')
    const worker = startWorker()
    // A message that is among the others twice.
    const stop = await duplicating(rabbitmq, 'countinghouse.users')
    await untilRead(id, 1)
    await worker.end('SIGKILL')
    startWorker()
    const whole = { status: 'succeeded', rowsRead: rows, rowsAccepted: rows, rowsRejected: 0 }
    expect(await untilEnded(() => jobOf(id))).toMatchObject(whole)
    await stop()
    expect((await api.json('GET', '/v1/admin/users')).body.pagination.total).toBe(before + rows)
    await expect.poll(() => readdirSync(env.SPOOL_DIR!).filter((name) => name.startsWith(id))).toEqual([])
  })
})

/** Takes a message now and then and puts it back twice. */
async function duplicating(rabbitmq: TestRabbitmq, queue: string): Promise<() => Promise<void>> {
  let stopped = false
  const done = onChannel(rabbitmq, async (channel) => {
    while (!stopped) {
      const message = await channel.get(queue)
      if (message) {
        for (let copy = 0; copy < 2; copy++) channel.sendToQueue(queue, message.content, { persistent: true })
        channel.ack(message)
      }
      await sleep(20)
    }
  })
  return async () => {
    stopped = true
    await done
  }
}

async function deadLetter(rabbitmq: TestRabbitmq, queue: string): Promise<GetMessage> {
  return onChannel(rabbitmq, async (channel) => {
    for (const deadline = Date.now() + 60_000; Date.now() < deadline; await sleep(50)) {
      const message = await channel.get(`${queue}.dead`, { noAck: true })
      if (message) return message
    }
    throw new Error(`no dead letter of ${queue}`)
  })
}

async function messagesIn(rabbitmq: TestRabbitmq, queue: string): Promise<number> {
  return onChannel(rabbitmq, async (channel) => (await channel.checkQueue(queue)).messageCount)
}

async function onChannel<T>(rabbitmq: TestRabbitmq, work: (channel: Channel) => Promise<T>): Promise<T> {
  const connection = await connect(rabbitmq.url)
  try {
    const channel = await connection.createChannel()
    const result = await work(channel)
    // Closing the connection alone would overtake what was sent.
    await channel.close()
    return result
  } finally {
    await connection.close()
  }
}
