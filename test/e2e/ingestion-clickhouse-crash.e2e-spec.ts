import { createClient, type ClickHouseClient } from '@clickhouse/client'
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
import { untilEnded } from '../support/kill-scenario.js'
import { startProgram, type TestProgram } from '../support/program.js'
import { startServer, type TestServer } from '../support/server.js'
import { until } from '../support/until.js'

const CHUNK_BYTES = 1024 * 1024
const ROWS = 160_000

const ENV = {
  RATE_LIMIT_PER_MINUTE: '100000',
  INGESTION_CHUNK_BYTES: String(CHUNK_BYTES),
  INGESTION_LEASE_SECONDS: '2',
}

/** An engine that is killed at the moment at which it reads a chunk of a certain job: what a file does that ends it. */
describe.runIf(process.platform === 'linux').each(['in one process', 'in two workers'])(
  'a file that ends the engine, %s',
  (where) => {
    const workers: TestProgram[] = []
    let engines: TestEngines
    let clickhouse: ClickHouseClient
    let server: TestServer
    let customer: Customer

    beforeAll(async () => {
      engines = await TestEngines.start()
      clickhouse = createClient({ url: engines.urls.CLICKHOUSE_URL, database: 'countinghouse', log: { level: 127 } })
      const env = { ...engines.urls, ...ENV, ...(where === 'in two workers' && { INGESTION_WORKER: 'false' }) }
      server = await startServer({ env, dataDir: engines.dataDir })
      if (where === 'in two workers') {
        const worker = { ...engines.urls, ...ENV, DATA_DIR: engines.dataDir, INGESTION_CONCURRENCY: '1' }
        workers.push(...[1, 2].map(() => startProgram('worker', worker)))
      }
      customer = await Customer.create(server, 10_000)
    })
    afterAll(async () => {
      await clickhouse?.close()
      await Promise.all([server?.stop({ keepData: true }), ...workers.map((worker) => worker.end())])
      await engines?.stop()
    })

    const upload = async ({ text }: CountedFile): Promise<{ id: string }> => {
      const headers = { 'content-type': 'text/csv' }
      const response = await server.fetch('/v1/ingestions', { method: 'POST', headers, body: text })
      expect(response.status).toBe(202)
      const { id } = (await response.json()) as { id: string }
      return { id }
    }
    const jobOf = async (id: string): Promise<any> => (await server.json('GET', `/v1/ingestions/${id}`)).body

    /** Kills the engine when it has begun with a chunk of the job whose tables have this number; false when the job has ended. */
    const killOver = async (number: number, id: string): Promise<boolean> => {
      for (;;) {
        const query = `SELECT 1 FROM system.processes WHERE query LIKE 'INSERT INTO \`ingestion_raw_${number}_%' AND elapsed < 0.03`
        const inFlight = await clickhouse
          .query({ query, format: 'JSONEachRow' })
          .then((result) => result.json())
          .catch(() => [])
        if (inFlight.length > 0 && engines.clickhousePid() !== undefined) {
          engines.signalClickhouse('SIGKILL')
          return true
        }
        if (!['queued', 'running'].includes((await jobOf(id)).status)) return false
      }
    }

    it('fails with the reason after its second crash, and the job beside it succeeds', async () => {
      const files = [101, 102].map((seed) => countedFile({ seed, rows: ROWS }))
      const [culprit, neighbour] = [await upload(files[0]!), await upload(files[1]!)]
      const number = 1
      await until(async () => {
        for (const { id } of [culprit, neighbour]) expect((await jobOf(id)).rowsRead).toBeGreaterThan(0)
      })
      // A kill may come when the chunk that was seen has just been stored: that one counts against nobody.
      let kills = 0
      while (kills < 6 && (await killOver(number, culprit.id))) kills++
      expect(kills).toBeGreaterThanOrEqual(2)
      const failed = await untilEnded(() => jobOf(culprit.id))
      expect(failed).toMatchObject({ status: 'failed' })
      expect(failed.error).toMatch(/^ClickHouse crashed twice while it read this file, .*rows \d+ to \d+/)
      expect(await untilEnded(() => jobOf(neighbour.id))).toMatchObject({ status: 'succeeded', rowsAccepted: ROWS })
      // Whatever is tried from now on of the culprit would be seen.
      await sleep(3_000)
      expect((await jobOf(culprit.id)).status).toBe('failed')
      expect(await loadedFigures(customer, files[0]!)).toEqual(NOTHING_LOADED)
      expect(await loadedFigures(customer, files[1]!)).toEqual(expectedFigures(files[1]!))
    })

    it('succeeds when it was beside a crash once', async () => {
      const file = countedFile({ seed: 103, rows: ROWS })
      const { id } = await upload(file)
      expect(await killOver(3, id)).toBe(true)
      expect(await untilEnded(() => jobOf(id))).toMatchObject({ status: 'succeeded', rowsAccepted: ROWS })
      expect(await loadedFigures(customer, file)).toEqual(expectedFigures(file))
    })
  },
)
