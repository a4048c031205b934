import { createClient, type ClickHouseClient } from '@clickhouse/client'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Customer } from '../support/customer.js'
import { jobIn } from '../support/upload.js'
import { TestEngines } from '../support/engines.js'
import { tableOf } from '../support/on-cluster.js'
import { SeededRandom } from '../../tools/generator/random.js'
import { startServer, type TestServer } from '../support/server.js'

const HEADER = 'TransactionId,TransactionDate,Country,ProductId,Price,Quantity'

/** One file: its keys, and a quantity that no other file has. */
interface File {
  keys: string[]
  quantity: number
}

const textOf = ({ keys, quantity }: File): string =>
  [HEADER, ...keys.map((key) => `${key},2024-03-05,France,P1,1.50,${quantity}`), ''].join('\n')

/** What must be in the dataset: of each key, the quantity of the file whose row stands. */
class Oracle {
  readonly rows = new Map<string, number>()

  load({ keys, quantity }: File): void {
    for (const key of keys) this.rows.set(key, quantity)
  }

  /** Gives how many rows were this file's. */
  delete(quantity: number): number {
    const mine = [...this.rows].filter(([, owner]) => owner === quantity)
    for (const [key] of mine) this.rows.delete(key)
    return mine.length
  }

  sorted(): [string, number][] {
    return [...this.rows].sort(([a], [b]) => (a < b ? -1 : 1))
  }
}

const PERMUTATIONS = [
  [0, 1, 2],
  [0, 2, 1],
  [1, 0, 2],
  [1, 2, 0],
  [2, 0, 1],
  [2, 1, 0],
]

describe('taking a job out again', () => {
  const seed = Number(process.env.SEED ?? Date.now() % 1_000_000)
  const random = new SeededRandom(seed)
  const env = { RATE_LIMIT_PER_MINUTE: '100000', INGESTION_CHUNK_BYTES: String(64 * 1024) }
  let dataDir: string
  let engines: TestEngines
  let clickhouse: ClickHouseClient
  let urls: TestEngines['urls']
  let server: TestServer
  let customer: Customer
  let quantities = 0

  beforeAll(async () => {
    console.log(`deletions: SEED=${seed}`)
    engines = await TestEngines.start()
    ;({ dataDir, urls } = engines)
    clickhouse = createClient({
      url: urls.CLICKHOUSE_URL,
      database: urls.CLICKHOUSE_DATABASE ?? 'countinghouse',
      request_timeout: 120_000,
    })
    server = await startServer({ env: { ...urls, ...env }, dataDir })
    customer = await Customer.create(server, 100_000)
  })
  afterAll(async () => {
    await clickhouse?.close()
    await server?.stop({ keepData: true })
    await engines?.stop()
  })

  const post = async (text: string, options = 'wait=true') => {
    const headers = { 'content-type': 'text/csv' }
    const response = await server.fetch(`/v1/ingestions?${options}`, { method: 'POST', headers, body: text })
    return { status: response.status, body: await jobIn(response) }
  }
  const load = async (file: File): Promise<string> => {
    const { body } = await post(textOf(file))
    expect(body).toMatchObject({
      status: 'succeeded',
      rowsAccepted: file.keys.length,
      duplicate: false,
      deletedAt: null,
    })
    return body.id
  }
  const remove = (id: string) => server.json('DELETE', `/v1/ingestions/${id}`)
  const optimize = () => {
    const { stored, onEveryNode } = tableOf(urls)
    return clickhouse.command({ query: `OPTIMIZE TABLE ${stored('transactions')}${onEveryNode} FINAL` })
  }
  const fileOf = (prefix: string, keys: number, share: number): File => {
    const all = Array.from({ length: keys }, (_, at) => `${prefix}${String(at).padStart(6, '0')}`)
    return { keys: all.filter(() => random.chance(share)), quantity: ++quantities }
  }

  const rowsOf = async (prefix: string): Promise<[string, number][]> => {
    const { data } = await customer.execute({
      select: ['transaction_id', 'quantity'],
      filters: [{ member: 'transaction_id', operator: 'startsWith', values: [prefix] }],
      limit: 50_000,
    })
    return data.map((row: any) => [row.transaction_id, row.quantity])
  }
  const expectRows = async (prefix: string, oracle: Oracle) => {
    expect(await rowsOf(prefix)).toEqual(oracle.sorted())
    const { data } = await customer.execute({
      measures: ['transactions', 'items_sold'],
      filters: [{ member: 'transaction_id', operator: 'startsWith', values: [prefix] }],
    })
    const items = [...oracle.rows.values()].reduce((sum, quantity) => sum + quantity, 0)
    expect(data).toEqual([{ transactions: oracle.rows.size, items_sold: items }])
  }

  it.each(PERMUTATIONS.flatMap((order, at) => [false, true].map((merged) => [order, merged, at] as const)))(
    'leaves of three overlapping jobs, taken out in the order %j, what the oracle says (merged at each step: %s)',
    async (order, merged, at) => {
      const prefix = `p${at}${merged ? 'm' : 'u'}-`
      const oracle = new Oracle()
      const files = [0, 1, 2].map(() => fileOf(prefix, 400, 0.6))
      const ids: string[] = []
      for (const file of files) {
        ids.push(await load(file))
        oracle.load(file)
      }
      await expectRows(prefix, oracle)
      for (const which of order) {
        if (merged) await optimize()
        const { status, body } = await remove(ids[which]!)
        const rows = oracle.delete(files[which]!.quantity)
        expect(status).toBe(200)
        expect(body).toMatchObject({ id: ids[which], status: 'succeeded', rowsDeleted: rows })
        expect(body.deletedAt).toMatch(/^\d{4}-.*Z$/)
        expect(body.message).toMatch(/do not come back/)
        await expectRows(prefix, oracle)
        if (!merged) continue
        await optimize()
        await expectRows(prefix, oracle)
      }
      await optimize()
      await expectRows(prefix, oracle)
      expect(oracle.rows.size).toBe(0)
    },
  )

  it('agrees with the oracle over a random course of loads, deletions, merges and loads of the same content', async () => {
    const prefix = 'r-'
    const oracle = new Oracle()
    const live = new Map<string, File>()
    const gone: File[] = []
    for (let step = 0; step < 30; step++) {
      const choice = random.next()
      if (choice < 0.4 || live.size === 0) {
        const file = fileOf(prefix, 60, 0.4)
        if (file.keys.length === 0) continue
        live.set(await load(file), file)
        oracle.load(file)
      } else if (choice < 0.7) {
        const [id, file] = random.pick([...live])
        live.delete(id)
        gone.push(file)
        expect((await remove(id)).body).toMatchObject({ rowsDeleted: oracle.delete(file.quantity) })
      } else if (choice < 0.85 && gone.length > 0) {
        const [file] = gone.splice(random.integer(0, gone.length - 1), 1)
        live.set(await load(file!), file!)
        oracle.load(file!)
      } else await optimize()
      await expectRows(prefix, oracle)
    }
  })

  it('takes the same content again without force, and counts the rows of the dataset', async () => {
    const rowCount = async () => (await server.json('GET', '/v1/datasets/transactions')).body
    const before = await rowCount()
    const file = fileOf('again-', 50, 1)
    const first = await load(file)
    expect((await rowCount()).rowCount).toBe(before.rowCount + 50)
    expect((await post(textOf(file))).body).toMatchObject({ id: first, duplicate: true })
    await remove(first)
    expect((await rowCount()).rowCount).toBe(before.rowCount)
    expect((await server.json('GET', `/v1/ingestions/${first}`)).body.deletedAt).not.toBeNull()
    const second = await load(file)
    expect(second).not.toBe(first)
    expect((await rowCount()).rowCount).toBe(before.rowCount + 50)
    expect((await remove(first)).body).toMatchObject({ rowsDeleted: 50 })
    expect((await rowCount()).rowCount).toBe(before.rowCount + 50)
  })

  it('does twice, also at the same moment, what it does once', async () => {
    const file = fileOf('twice-', 30, 1)
    const id = await load(file)
    const answers = await Promise.all(Array.from({ length: 6 }, () => remove(id)))
    for (const { status, body } of answers) expect([status, body.rowsDeleted]).toEqual([200, 30])
    expect(new Set(answers.map(({ body }) => body.deletedAt)).size).toBe(1)
    expect((await remove(id)).body).toEqual(answers[0]!.body)
  })

  it('has nothing to take out of a job that failed', async () => {
    const { body: job } = await post(`${HEADER}\nx,2024-03-05,France,P1,1.50,none\n`)
    expect(job.status).toBe('failed')
    expect(await remove(job.id)).toMatchObject({
      status: 200,
      body: { status: 'failed', rowsDeleted: 0, message: expect.stringMatching(/nothing/) },
    })
  })

  it('answers 404 for a job that does not exist', async () => {
    expect((await remove('019aa4c2-7a3e-7cc1-b0a5-3f6f3f0f5a11')).status).toBe(404)
  })

  it('refuses a job that has not ended', async () => {
    const lone = await startServer({ env: { ...env, INGESTION_WORKER: 'false' } })
    const headers = { 'content-type': 'text/csv' }
    const body = textOf(fileOf('q-', 3, 1))
    const { id } = (await (await lone.fetch('/v1/ingestions', { method: 'POST', headers, body })).json()) as any
    expect(await lone.json('DELETE', `/v1/ingestions/${id}`)).toMatchObject({
      status: 409,
      body: { code: 'CONFLICT', detail: expect.stringMatching(/cancel it first/) },
    })
    await lone.json('POST', `/v1/ingestions/${id}/cancel`)
    expect(await lone.json('DELETE', `/v1/ingestions/${id}`)).toMatchObject({ status: 200, body: { rowsDeleted: 0 } })
    await lone.stop()
  })

  it('is finished after a kill -9 in the middle, whenever that was', async () => {
    const rows = 30_000
    const { named, onEveryNode } = tableOf(urls)
    const orphan = `${named('ingestion_staging_9999_1')}${onEveryNode}`
    await clickhouse.command({ query: `CREATE TABLE ${orphan} (x UInt8) ENGINE = Memory` })
    for (let round = 0; round < 4; round++) {
      const prefix = `k${round}-`
      const oracle = new Oracle()
      const [older, newer] = [fileOf(prefix, rows, 1), fileOf(prefix, rows, 0.5)]
      const id = await load(older)
      await load(newer)
      oracle.load(older)
      oracle.load(newer)
      const mine = oracle.delete(older.quantity)
      const answered = remove(id).catch(() => undefined)
      await sleep(random.next() * 80)
      await server.kill()
      await answered
      server = await startServer({ env: { ...urls, ...env }, dataDir, rootKey: server.rootKey })
      customer.moveTo(server)
      const left = (await server.json('GET', `/v1/ingestions/${id}`)).body.deletedAt
      console.log(`round ${round}: after the restart ${left ? 'done' : 'not done'}`)
      expect(await remove(id)).toMatchObject({ status: 200, body: { rowsDeleted: mine } })
      await expectRows(prefix, oracle)
    }
    // Also of jobs that nobody knows (any more).
    const tables = await clickhouse.query({ query: "SHOW TABLES LIKE 'ingestion\\_%\\_%\\_%'", format: 'JSONEachRow' })
    expect(await tables.json()).toEqual([])
  })
})
