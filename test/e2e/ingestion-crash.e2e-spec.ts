import { createClient, type ClickHouseClient } from '@clickhouse/client'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  countedFile,
  expectedFigures,
  loadedFigures,
  NOTHING_LOADED,
  type CountedFile,
} from '../support/counted-file.js'
import { Customer } from '../support/customer.js'
import { TestEngines } from '../support/engines.js'
import { killOverLife, untilEnded } from '../support/kill-scenario.js'
import { SeededRandom } from '../../tools/generator/random.js'
import { startServer, type TestServer } from '../support/server.js'

const ROWS = 10_000
const KILLS = 20
const KILLS_A_JOB = 4

const ENV = {
  RATE_LIMIT_PER_MINUTE: '100000',
  INGESTION_CHUNK_BYTES: String(64 * 1024),
  INGESTION_LEASE_SECONDS: '1',
}

// Without RabbitMQ: the queue is inside the process that is killed. With RabbitMQ: worker.e2e-spec.ts.
describe('an ingestion that is disturbed', () => {
  const seed = Number(process.env.SEED ?? Date.now() % 1_000_000)
  const random = new SeededRandom(seed)
  let dataDir: string
  let engines: TestEngines
  let clickhouse: ClickHouseClient
  let urls: TestEngines['urls']
  let server: TestServer
  let customer: Customer
  let files = 0

  beforeAll(async () => {
    console.log(`disturbances: SEED=${seed}`)
    engines = await TestEngines.start()
    ;({ dataDir, urls } = engines)
    clickhouse = createClient({ url: urls.CLICKHOUSE_URL, database: 'countinghouse' })
    server = await startServer({ env: { ...urls, ...ENV }, dataDir })
    customer = await Customer.create(server, 10_000)
  })
  afterAll(async () => {
    await clickhouse?.close()
    await server?.stop({ keepData: true })
    await engines?.stop()
  })

  const nextFile = (bad: number[] = []): CountedFile => countedFile({ seed: ++files, rows: ROWS, bad })
  const randomRecords = (count: number): number[] =>
    [...new Set(Array.from({ length: count }, () => random.integer(1, ROWS)))].sort((a, b) => a - b)
  const upload = async ({ text }: CountedFile, options = ''): Promise<string> => {
    const init = { method: 'POST', headers: { 'content-type': 'text/csv' }, body: text }
    const response = await server.fetch(`/v1/ingestions${options}`, init)
    expect(response.status).toBe(202)
    return ((await response.json()) as any).id
  }
  const jobOf = async (id: string): Promise<any> => (await server.json('GET', `/v1/ingestions/${id}`)).body
  const untilRead = async (id: string, rows: number): Promise<any> => {
    for (;;) {
      const job = await jobOf(id)
      if (job.rowsRead >= rows || !['queued', 'running'].includes(job.status)) return job
      await sleep(5)
    }
  }
  const killAndRestart = async (env: Record<string, string> = {}) => {
    await server.kill()
    server = await startServer({ env: { ...urls, ...ENV, ...env }, dataDir, rootKey: server.rootKey })
    customer.moveTo(server)
  }
  const expectWhole = async (id: string, file: CountedFile) => {
    expect(await untilEnded(() => jobOf(id))).toMatchObject({
      status: 'succeeded',
      rowsRead: file.rows,
      rowsAccepted: file.rows - file.bad.length,
      rowsRejected: file.bad.length,
    })
    expect(await loadedFigures(customer, file)).toEqual(expectedFigures(file))
    const { data } = (await server.json('GET', `/v1/ingestions/${id}/rejects?limit=500`)).body
    expect(data.map(({ row }: { row: number }) => row)).toEqual(file.bad)
  }
  const expectNothingLeft = async () => {
    await expect.poll(() => readdirSync(join(dataDir, 'spool'))).toEqual([])
    const tables = async () => {
      const query = "SELECT name FROM system.tables WHERE match(name, '^ingestion_[a-z]+_[0-9]')"
      return (await clickhouse.query({ query, format: 'JSONEachRow' })).json()
    }
    await expect.poll(tables).toEqual([])
  }

  it.each(['80', '200'])('ends in words when its file is cut elsewhere than before: at %s KiB', async (kibibytes) => {
    const file = nextFile()
    const id = await upload(file)
    const { rowsRead } = await untilRead(id, 1)
    expect(rowsRead).toBeLessThan(file.rows)
    await killAndRestart({ INGESTION_CHUNK_BYTES: String(Number(kibibytes) * 1024) })
    expect(await untilEnded(() => jobOf(id))).toMatchObject({
      status: 'failed',
      error: expect.stringMatching(/another INGESTION_CHUNK_BYTES, and cannot be continued/),
    })
    expect(await loadedFigures(customer, file)).toEqual(NOTHING_LOADED)
    await expectNothingLeft()
    await killAndRestart()
  })

  it(`loses nothing and doubles nothing when the process is killed at ${KILLS} moments`, async () => {
    let kills = 0
    while (kills < KILLS) {
      const file = nextFile(randomRecords(20))
      const id = await upload(file)
      const scenario = {
        random,
        rows: ROWS,
        kills: KILLS_A_JOB,
        jobOf: () => jobOf(id),
        killAndRestart: () => killAndRestart(),
      }
      const killed = await killOverLife(scenario)
      kills += killed
      console.log(`job ${files}: killed ${killed} times`)
      await expectWhole(id, file)
    }
    await expectNothingLeft()
  })

  it('goes on when the engine’s process is killed', async () => {
    for (const share of [0.1, random.next()]) {
      const file = nextFile(randomRecords(5))
      const id = await upload(file)
      await untilRead(id, share * ROWS)
      engines.signalClickhouse('SIGKILL')
      await expectWhole(id, file)
    }
    await expectNothingLeft()
  })

  it('shows nothing of a job that is canceled at any moment', async () => {
    for (const share of [0, random.next() * 0.5, random.next()]) {
      const file = nextFile()
      const id = await upload(file)
      await untilRead(id, share * ROWS)
      const { status } = await server.json('POST', `/v1/ingestions/${id}/cancel`)
      const job = await untilEnded(() => jobOf(id))
      // Too late is possible, half of it is not.
      expect(job.status).toBe(status === 200 ? 'canceled' : 'succeeded')
      expect(await loadedFigures(customer, file)).toEqual(status === 200 ? NOTHING_LOADED : expectedFigures(file))
    }
    await expectNothingLeft()
  })

  it('shows nothing of a file with one bad record when onError is abort, also over a kill', async () => {
    const file = nextFile([random.integer(ROWS / 2, ROWS)])
    const id = await upload(file, '?onError=abort')
    await untilRead(id, ROWS / 4)
    await killAndRestart()
    const job = await untilEnded(() => jobOf(id))
    expect(job).toMatchObject({ status: 'failed', error: expect.stringContaining(`Record ${file.bad[0]} `) })
    expect(await loadedFigures(customer, file)).toEqual(NOTHING_LOADED)
    await expectNothingLeft()
  })

  it('is handed over at a stop in order as often as it takes', async () => {
    const file = nextFile()
    const id = await upload(file)
    for (let stop = 0; stop < 2; stop++) {
      await untilRead(id, 1)
      expect(await server.stop({ keepData: true })).toBe(0)
      server = await startServer({ env: { ...urls, ...ENV }, dataDir, rootKey: server.rootKey })
      customer.moveTo(server)
    }
    await expectWhole(id, file)
  })

  it('waits in the order of arrival for one of INGESTION_CONCURRENCY places', async () => {
    const start = async (more: Record<string, string>) => {
      await server.stop({ keepData: true })
      server = await startServer({ env: { ...urls, ...ENV, ...more }, dataDir, rootKey: server.rootKey })
      customer.moveTo(server)
    }
    await start({ INGESTION_WORKER: 'false' })
    const ids: string[] = []
    for (let job = 0; job < 3; job++) ids.push(await upload(nextFile()))
    await start({ INGESTION_CONCURRENCY: '2' })
    // These come by the queue while the others are found by the sweep.
    for (let job = 0; job < 2; job++) ids.push(await upload(nextFile()))
    const jobs: any[] = []
    for (const id of ids) jobs.push(await untilEnded(() => jobOf(id)))
    const [starts, ends] = ['startedAt', 'finishedAt'].map((name) => jobs.map((job) => Date.parse(job[name])))
    // Two that have a place each begin side by side, in either order; none is overtaken by more than the one beside it.
    const order = starts!.map((_started, at) => at).sort((a, b) => starts![a]! - starts![b]!)
    for (const [place, at] of order.entries())
      expect(Math.abs(place - at), `order ${order.join()}`).toBeLessThanOrEqual(1)
    for (const started of starts!) {
      const running = jobs.filter((_job, at) => starts![at]! <= started && ends![at]! > started)
      expect(running.length).toBeLessThanOrEqual(2)
    }
  })
})
