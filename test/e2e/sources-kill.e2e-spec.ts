import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { SeededRandom } from '../../tools/generator/random.js'
import { startCluster, type TestCluster } from '../support/cluster.js'
import { countedFile, expectedFigures, loadedFigures } from '../support/counted-file.js'
import { Customer } from '../support/customer.js'
import type { TestServer } from '../support/server.js'
import { TestSource } from '../support/sources.js'
import { until } from '../support/until.js'

const FILES = 40
const KILLS = 6

describe('a process that is killed while it pulls', () => {
  const seed = Number(process.env.SEED ?? Date.now() % 1_000_000)
  const random = new SeededRandom(seed)
  let folder: string
  let cluster: TestCluster
  let env: Record<string, string>

  beforeAll(async () => {
    console.log(`sources: SEED=${seed}`)
    folder = mkdtempSync(join(tmpdir(), 'sources-kill-'))
    mkdirSync(join(folder, 'root', 'in'), { recursive: true })
    cluster = await startCluster()
    env = {
      SOURCES_DIR: join(folder, 'root'),
      SPOOL_DIR: join(folder, 'spool'),
      RATE_LIMIT_PER_MINUTE: '100000',
      INGESTION_LEASE_SECONDS: '1',
    }
  })
  afterAll(async () => {
    await cluster?.stop()
    rmSync(folder, { recursive: true, force: true })
  })

  it('has loaded every file once in the end, and has one job for each: also of those whose job failed', async () => {
    const files = Array.from({ length: FILES }, (_, at) => countedFile({ seed: 20_000 + at, rows: 50 + at }))
    const broken = ['Nothing,Known\n1,2\n', 'Nothing,Known\n3,4\n']
    const write = (name: string, text: string): void => {
      writeFileSync(join(folder, 'root', 'in', name), text)
    }
    files.forEach((file, at) => write(`file-${at}.csv`, file.text))
    broken.forEach((text, at) => write(`broken-${at}.csv`, text))
    await sleep(5_500)

    const watcher = await cluster.start({ ...env, INGESTION_WORKER: 'false' })
    const source = await TestSource.create(watcher, { type: 'folder', path: 'in', schedule: '* * * * * *' })
    const notedJobs = async (): Promise<number> => {
      const [{ count }] = await cluster.sql('SELECT count(ingestion_id)::int FROM source_objects')
      return count
    }
    for (let kill = 0; kill < KILLS; kill++) {
      const worker: TestServer = await cluster.start(env)
      const before = await notedJobs()
      const goal = Math.min(FILES + broken.length, before + 1 + Math.floor(random.next() * 8))
      await until(async () => expect(await notedJobs()).toBeGreaterThanOrEqual(goal))
      await sleep(random.next() * 80)
      await worker.kill()
      // Nobody gives the lease back.
      const [{ leased }] = await cluster.sql('SELECT lease_id IS NOT NULL AS leased FROM dataset_sources')
      if (goal < FILES) expect(leased).toBe(true)
    }
    await cluster.start(env)
    await until(async () => expect(await notedJobs()).toBe(FILES + broken.length))
    await source.untilJobsEnded()
    await sleep(3_000)

    const { body } = await watcher.json('GET', '/v1/ingestions?limit=500')
    const names = body.data.map((job: any) => job.fileName).sort()
    const expected = [...files.map((_file, at) => `file-${at}.csv`), ...broken.map((_text, at) => `broken-${at}.csv`)]
    expect(names).toEqual(expected.sort())
    const customer = await Customer.create(watcher, 1_000)
    for (const file of files) expect(await loadedFigures(customer, file)).toEqual(expectedFigures(file))
    const objects = Object.values(await source.objects())
    expect(objects.filter(({ duplicate }) => duplicate)).toEqual([])
    expect(objects.filter(({ state }) => state === 'failed')).toHaveLength(broken.length)
  })

  it('that only stands still, and goes on when another has taken over, loads nothing twice', async () => {
    const files = Array.from({ length: 12 }, (_, at) => countedFile({ seed: 30_000 + at, rows: 30 }))
    mkdirSync(join(folder, 'root', 'paused'))
    files.forEach((file, at) => writeFileSync(join(folder, 'root', 'paused', `paused-${at}.csv`), file.text))
    await sleep(5_500)
    const [first, second] = [await cluster.start(env), await cluster.start(env)]
    const source = await TestSource.create(first, { type: 'folder', path: 'paused' })
    first.process.kill('SIGSTOP')
    await second.json('POST', `${source.path}/run`)
    const noted = async (count: number): Promise<void> =>
      until(async () => {
        const rows = await cluster.sql(
          'SELECT 1 FROM source_objects WHERE source_id = $1 AND ingestion_id IS NOT NULL',
          [source.id],
        )
        expect(rows.length).toBeGreaterThanOrEqual(count)
      })
    await noted(3)
    second.process.kill('SIGSTOP')
    first.process.kill('SIGCONT')
    await noted(12)
    second.process.kill('SIGCONT')
    await source.untilJobsEnded()
    await sleep(3_000)
    const { body } = await first.json('GET', '/v1/ingestions?limit=500')
    const names = body.data.map((job: any) => job.fileName).filter((name: string) => name.startsWith('paused-'))
    expect(names.sort()).toEqual(files.map((_file, at) => `paused-${at}.csv`).sort())
  })
})
