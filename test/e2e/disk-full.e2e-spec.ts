import { spawnSync } from 'node:child_process'
import { closeSync, mkdtempSync, openSync, rmSync, statfsSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it, onTestFailed } from 'vitest'
import { engineOf, ingest, ingestBatch, startEventsServer } from '../support/events-fixture.js'
import type { TestServer } from '../support/server.js'
import { Traffic } from '../support/traffic.js'
import { until } from '../support/until.js'

const DISK_BYTES = 600 * 1024 ** 2
const FULL_MS = 5_000

/** A disk of its own, in memory; undefined where nothing may be mounted. */
function mountDisk(): string | undefined {
  const folder = mkdtempSync(join(tmpdir(), 'countinghouse-disk-'))
  if (spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${DISK_BYTES},mode=755`, 'tmpfs', folder]).status === 0)
    return folder
  rmSync(folder, { recursive: true })
  return undefined
}

const disk = mountDisk()
const filler = join(disk ?? '', 'filler')

function fill(): void {
  const file = openSync(filler, 'a')
  for (const bytes of [1024 ** 2, 4096]) {
    try {
      for (;;) writeSync(file, Buffer.alloc(bytes))
    } catch (error) {
      expect((error as NodeJS.ErrnoException).code).toBe('ENOSPC')
    }
  }
  closeSync(file)
  expect(statfsSync(disk!).bavail).toBe(0)
}

describe.runIf(disk !== undefined)('a disk that is full', () => {
  let server: TestServer

  beforeAll(async () => {
    const env = { QUERY_COST_CREDITS: '1', INGESTION_CHUNK_BYTES: '65536', SPOOL_RESERVE_BYTES: '0' }
    server = await startEventsServer({ env, dataDir: join(disk!, 'data') })
  })
  afterAll(async () => {
    await server?.stop({ keepData: true })
    spawnSync('umount', ['-l', disk!])
    rmSync(disk!, { recursive: true, force: true })
  })

  const detailOf = ({ body }: { body: any }): string => body.detail

  it('is told in words, and all goes on when there is room again', async () => {
    onTestFailed(() => console.log(server.output().slice(-4_000)))
    const traffic = await Traffic.start(server)
    await traffic.upload(100_000)
    await until(async () => expect((await traffic.jobs()).every(({ rowsRead }) => rowsRead > 0)).toBe(true))
    fill()
    const event = { source: 'full', type: 'sent', values: { n: 1 } }
    for (const answer of [await ingest(server, event), await ingestBatch(server, [event, event])]) {
      expect(answer.status).toBe(503)
      expect(answer.body.code).toBe('UNAVAILABLE')
      expect(detailOf(answer)).toMatch(/disk .*full.* Make room/)
      expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0)
    }
    const body = 'TransactionId,TransactionDate\n'.padEnd(100_000, 'x')
    const upload = await server.fetch('/v1/ingestions', {
      method: 'POST',
      headers: { 'content-type': 'text/csv' },
      body,
    })
    expect([upload.status, ((await upload.json()) as any).code]).toEqual([507, 'INSUFFICIENT_STORAGE'])
    expect([200, 503]).toContain((await server.json('POST', '/v1/admin/views/refresh')).status)
    await sleep(FULL_MS)
    expect((await traffic.jobs()).map(({ status }) => status)).toEqual(['running'])
    rmSync(filler)
    await traffic.untilServed()
    await traffic.stop()
    for (const what of ['query', 'event'] as const)
      expect([...traffic.statuses.get(what)!.keys()].filter((status) => ![200, 503].includes(status))).toEqual([])
    await until(async () => {
      const { actual, expected } = await traffic.figures()
      expect(actual).toEqual(expected)
    }, 120_000)
    expect(server.output()).not.toMatch(/TypeError|SyntaxError/)
  })

  it('harms no table: the engine starts again on it, and has all of them', async () => {
    onTestFailed(() => console.log(server.output().slice(-4_000)))
    const traffic = await Traffic.start(server)
    await until(async () => expect(traffic.count('event', 200)).toBeGreaterThan(10))
    fill()
    await sleep(FULL_MS)
    const engine = engineOf(server)
    process.kill(engine, 'SIGKILL')
    await sleep(FULL_MS)
    rmSync(filler)
    await traffic.untilServed()
    await traffic.upload(5_000)
    await traffic.stop()
    await until(async () => {
      const { actual, expected } = await traffic.figures()
      expect(actual).toEqual(expected)
    }, 120_000)
    expect(server.output()).not.toMatch(/TypeError|SyntaxError|Cannot parse definition/)
  })
})
