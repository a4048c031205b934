import { connect } from 'amqplib'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Papa from 'papaparse'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { transactionsCsv } from '../src/generator/transactions-generator.js'
import { Customer } from './support/customer.js'
import { startProgram, type TestProgram } from './support/program.js'
import { rabbitmqInstalled, TestRabbitmq } from './support/rabbitmq.js'
import { redisInstalled, TestRedis } from './support/redis.js'
import { startServer, type TestServer } from './support/server.js'

const ROWS = 40_000

/** A generated file and its figures, money in whole cents. */
function fileOf(seed: number, rows: number): { text: string; transactions: number; cents: bigint; items: bigint } {
  const text = [...transactionsCsv({ rows, seed })].join('').replace(/^TX-/gm, `S${seed}-`)
  const { data } = Papa.parse<Record<string, string>>(text, { header: true, skipEmptyLines: true })
  const cents = data.reduce((sum, row) => sum + BigInt(row.TotalPrice!.replace('.', '')), 0n)
  const items = data.reduce((sum, row) => sum + BigInt(row.Quantity!), 0n)
  return { text, transactions: data.length, cents, items }
}

// One after another: each test goes on from where the one before it left the deployment.
describe.skipIf(!redisInstalled() || !rabbitmqInstalled())('API and worker processes on shared engines', () => {
  const workers: TestProgram[] = []
  let dataDir: string
  let engines: TestProgram
  let redis: TestRedis
  let rabbitmq: TestRabbitmq
  let env: Record<string, string>
  let apis: TestServer[] = []
  let api: TestServer
  let customer: Customer

  const startWorker = (): TestProgram => {
    const worker = startProgram('worker', { DATA_DIR: dataDir, ...env })
    workers.push(worker)
    return worker
  }

  const upload = async (text: string): Promise<any> => {
    const headers = { 'content-type': 'text/csv' }
    const response = await api.fetch('/v1/ingestions', { method: 'POST', headers, body: text })
    expect(response.status).toBe(202)
    return response.json()
  }

  const jobOf = async (id: string): Promise<any> => (await api.json('GET', `/v1/ingestions/${id}`)).body

  const expectLoaded = async (seed: number, { transactions, cents, items }: ReturnType<typeof fileOf>) => {
    const { data } = await customer.ask({
      measures: ['transactions', 'revenue', 'items_sold'],
      filters: [{ member: 'transaction_id', operator: 'startsWith', values: [`S${seed}-`] }],
    })
    expect(data[0].transactions).toBe(transactions)
    expect(BigInt(Math.round(data[0].revenue * 100))).toBe(cents)
    expect(BigInt(data[0].items_sold)).toBe(items)
  }

  beforeAll(async () => {
    dataDir = mkdtempSync(join(tmpdir(), 'countinghouse-test-'))
    engines = startProgram('engines', { DATA_DIR: dataDir })
    ;[redis, rabbitmq] = await Promise.all([TestRedis.start(), TestRabbitmq.start()])
    const [, postgresUrl] = await engines.printed(/^POSTGRES_URL=(\S+)$/m)
    const [, clickhouseUrl] = await engines.printed(/^CLICKHOUSE_URL=(\S+)$/m)
    env = {
      POSTGRES_URL: postgresUrl!,
      CLICKHOUSE_URL: clickhouseUrl!,
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
    await Promise.all([engines?.end(), redis?.stop(), rabbitmq?.stop()])
    rmSync(dataDir, { recursive: true, force: true })
  })

  it('starts two API processes at the same moment on empty databases, with one root key', async () => {
    apis = await Promise.all([1, 2].map(() => startServer({ env, dataDir })))
    const printed = apis.flatMap((each) => each.output().match(/ch_[0-9A-Za-z]{43}/g) ?? [])
    expect(printed).toHaveLength(1)
    api = apis.find(({ rootKey }) => rootKey)!
    for (const { url } of apis)
      expect((await fetch(`${url}/v1/me`, { headers: { 'x-api-key': api.rootKey } })).status).toBe(200)
    customer = await Customer.create(api, 1_000)
  })

  it('leaves an upload to the worker, who is told of it by the queue', async () => {
    const file = fileOf(1, 500)
    const job = await upload(file.text)
    await new Promise((done) => setTimeout(done, 1_000))
    expect(await jobOf(job.id)).toMatchObject({ status: 'queued', rowsRead: 0 })
    const worker = startWorker()
    await expect.poll(() => jobOf(job.id), { timeout: 20_000 }).toMatchObject({ status: 'succeeded', rowsRead: 500 })
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
    await expect.poll(async () => (await jobOf(id)).rowsRead, { timeout: 20_000, interval: 10 }).toBeGreaterThan(0)
    await first.end('SIGKILL')
    const left = await jobOf(id)
    expect(left.status).toBe('running')
    expect(left.rowsRead).toBeLessThan(ROWS)
    startWorker()
    const whole = { status: 'succeeded', rowsRead: ROWS, rowsAccepted: ROWS, rowsRejected: 0 }
    await expect.poll(() => jobOf(id), { timeout: 40_000 }).toMatchObject(whole)
    await expectLoaded(2, file)
  })

  it('sells ten of fifty parallel questions on ten credits, asked of both API processes', async () => {
    const poor = await Customer.create(api, 10)
    const [here, there] = apis.map(({ url }) => `${url}/v1/query`)
    const ask = async (url: string) => {
      const headers = { 'x-api-key': poor.key, 'content-type': 'application/json' }
      const body = JSON.stringify({ dataset: 'transactions', measures: ['transactions'] })
      const response = await fetch(url, { method: 'POST', headers, body })
      return { status: response.status, body: (await response.json()) as any }
    }
    const answers = await Promise.all(Array.from({ length: 50 }, (_, at) => ask(at % 2 ? here! : there!)))
    const sold = answers.filter(({ status }) => status === 200)
    expect(sold).toHaveLength(10)
    expect(answers.filter(({ status }) => status === 402)).toHaveLength(40)
    for (const { body } of sold) expect(body.data).toEqual([{ transactions: 500 + ROWS }])
    const ledger = (await api.json('GET', `/v1/admin/users/${poor.id}/ledger?limit=500`)).body.data as any[]
    expect(ledger.reduce((sum, { amount }) => sum + amount, 0)).toBe(0)
    expect(await poor.credits()).toBe(0)
  })

  it('shows what one worker loaded in the answers of every API process at once', async () => {
    const question = { measures: ['transactions'] }
    const counts = async () => {
      const found: number[] = []
      for (const each of apis) {
        customer.moveTo(each)
        found.push((await customer.ask(question)).data[0].transactions)
      }
      return found
    }
    const before = await counts()
    const { id } = await upload(fileOf(3, 100).text)
    await expect.poll(async () => (await jobOf(id)).status, { timeout: 20_000 }).toBe('succeeded')
    expect(await counts()).toEqual(before.map((count) => count + 100))
  })
})

async function messagesIn(rabbitmq: TestRabbitmq, queue: string): Promise<number> {
  const connection = await connect(rabbitmq.url)
  try {
    return (await (await connection.createChannel()).checkQueue(queue)).messageCount
  } finally {
    await connection.close()
  }
}
