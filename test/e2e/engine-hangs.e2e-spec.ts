import { createClient } from '@clickhouse/client'
import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it, onTestFailed } from 'vitest'
import { engineOf, startEventsServer } from '../support/events-fixture.js'
import { descendantsOf, isAlive } from '../support/processes.js'
import { TestEngines } from '../support/engines.js'
import type { TestServer } from '../support/server.js'
import { Traffic } from '../support/traffic.js'
import { until } from '../support/until.js'

const SERVED_AGAIN_MS = 15_000
/** Longer than an engine may be silent. */
const STANDSTILL_MS = 12_000
const LOAD_MS = 20_000
/** An engine this busy ends a query long after its limit of time. */
const BUSY_ANSWER_MS = 150_000
const HEAVY_QUERIES = 40
const SPINNERS = 4

const postmasterOf = ({ dataDir }: { dataDir: string }): number =>
  Number.parseInt(readFileSync(join(dataDir, 'postgres/18/data/postmaster.pid'), 'utf8'), 10)

describe.runIf(process.platform === 'linux')('an engine that hangs', () => {
  let server: TestServer
  let traffic: Traffic

  beforeAll(async () => {
    server = await startEventsServer({
      env: { QUERY_COST_CREDITS: '1', INGESTION_CHUNK_BYTES: '65536', INGESTION_LEASE_SECONDS: '2' },
    })
  })
  afterAll(async () => {
    expect(await server.stop()).toBe(0)
  })

  const stopped: Record<string, () => number[]> = {
    'ClickHouse’s process': () => [engineOf(server)],
    'PostgreSQL’s postmaster': () => [postmasterOf(server)],
    'all of PostgreSQL’s processes': () => {
      const postmaster = postmasterOf(server)
      return [postmaster, ...descendantsOf(postmaster).map(({ pid }) => pid)]
    },
  }

  it.each(Object.keys(stopped))('is replaced and nothing is lost: %s stopped', { retry: 2 }, async (which) => {
    onTestFailed(() => console.log(server.output().slice(-4_000)))
    traffic = await Traffic.start(server)
    await traffic.upload(20_000)
    await sleep(200)
    const pids = stopped[which]!()
    for (const pid of pids) process.kill(pid, 'SIGSTOP')
    const from = Date.now()
    await until(async () => expect(pids.filter(isAlive)).toEqual([]))
    await traffic.untilServed()
    expect(Date.now() - from).toBeLessThan(SERVED_AGAIN_MS)
    await traffic.stop()
    for (const what of ['query', 'event'] as const) {
      expect([...traffic.statuses.get(what)!.keys()].filter((status) => ![200, 503].includes(status))).toEqual([])
    }
    await until(async () => {
      const { actual, expected } = await traffic.figures()
      expect(actual).toEqual(expected)
    }, 120_000)
  })

  it('is not replaced because the application itself stood still', async () => {
    const engines = descendantsOf(server.process.pid!).map(({ pid }) => pid)
    server.process.kill('SIGSTOP')
    await sleep(STANDSTILL_MS)
    server.process.kill('SIGCONT')
    await sleep(2_000)
    expect((await server.fetch('/health/ready')).status).toBe(200)
    expect([engineOf(server), postmasterOf(server)].filter((pid) => !engines.includes(pid))).toEqual([])
    expect(server.output()).not.toMatch(new RegExp(`pid (${engines.join('|')}) does not respond to queries`))
  })
})

describe.runIf(process.platform === 'linux')('an engine that is busy', () => {
  it('is not replaced, however late it answers', async () => {
    const engines = await TestEngines.start()
    const client = createClient({
      url: engines.urls.CLICKHOUSE_URL,
      max_open_connections: HEAVY_QUERIES,
      request_timeout: BUSY_ANSWER_MS,
      log: { level: 127 },
    })
    const spinners = Array.from({ length: SPINNERS }, () =>
      spawn(process.execPath, ['-e', 'for(;;);'], { stdio: 'ignore' }),
    )
    const before = engines.clickhousePid()
    try {
      const query = 'SELECT max(sipHash64(number)) FROM numbers_mt(1000000000000) FORMAT Null'
      const clickhouse_settings = { max_threads: 8, max_execution_time: LOAD_MS / 1_000 }
      const heavy = Array.from({ length: HEAVY_QUERIES }, () =>
        client.command({ query, clickhouse_settings }).catch((error: unknown) => error),
      )
      // Each ends at its limit of time, none because its engine went away.
      for (const error of await Promise.all(heavy)) expect(error).toMatchObject({ code: '159' })
      expect(engines.clickhousePid()).toBe(before)
    } finally {
      for (const spinner of spinners) spinner.kill('SIGKILL')
      await client.close()
      await engines.stop()
    }
  })
})
