import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { TEXT_FORMATS } from '../../tools/generator/transaction-formats.js'
import { startCluster, type TestCluster } from '../support/cluster.js'
import { countedFile, expectedFigures, loadedFigures, NOTHING_LOADED } from '../support/counted-file.js'
import { Customer } from '../support/customer.js'
import type { TestServer } from '../support/server.js'
import { TestSource } from '../support/sources.js'
import { until } from '../support/until.js'

const LONG_AGO = new Date(Date.now() - 3_600_000)

let folder: string
let cluster: TestCluster
let a: TestServer
let b: TestServer
let customer: Customer
let seeds = 7_000

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sources-'))
  mkdirSync(join(folder, 'root'))
  cluster = await startCluster()
  const env = {
    SOURCES_DIR: join(folder, 'root'),
    SPOOL_DIR: join(folder, 'spool'),
    MAX_UPLOAD_BYTES: '5000000',
    RATE_LIMIT_PER_MINUTE: '100000',
  }
  ;[a, b] = [await cluster.start(env), await cluster.start(env)]
  customer = await Customer.create(a, 100_000)
})
afterAll(async () => {
  await cluster?.stop()
  rmSync(folder, { recursive: true, force: true })
})

function makeFolder(name: string): string {
  mkdirSync(join(folder, 'root', name))
  return join(folder, 'root', name)
}

/** A file that somebody wrote to within the last five seconds is left alone. */
async function settled(): Promise<void> {
  await sleep(5_500)
}

const newFile = (rows = 20) => countedFile({ seed: ++seeds, rows })

describe('a folder', () => {
  it('gives each new and each changed file one job, and none to what is left out', async () => {
    const path = makeFolder('new')
    const [first, second, hidden] = [newFile(), newFile(), newFile()]
    writeFileSync(join(path, 'first.csv'), first.text)
    for (const name of ['.hidden.csv', 'a.csv.tmp', 'a.csv.part', 'readme.md'])
      writeFileSync(join(path, name), hidden.text)
    mkdirSync(join(path, 'sub.csv'))
    await settled()
    const source = await TestSource.create(a, { type: 'folder', path: 'new', pattern: '*.csv*' })
    expect(await source.look()).toMatchObject({
      lastError: null,
      consecutiveFailures: 0,
      lastRunAt: expect.any(String),
    })
    expect(await loadedFigures(customer, first)).toEqual(expectedFigures(first))
    expect(await loadedFigures(customer, hidden)).toEqual(NOTHING_LOADED)
    const [job] = await source.jobsOf('first.csv')
    expect(await source.objects()).toEqual({
      'new/first.csv': {
        location: 'new/first.csv',
        size: Buffer.byteLength(first.text),
        etag: null,
        modifiedAt: expect.any(String),
        foundAt: expect.any(String),
        changedAt: expect.any(String),
        state: 'succeeded',
        ingestionId: job.id,
        duplicate: false,
        error: null,
      },
    })

    writeFileSync(join(path, 'first.csv'), `${first.text}${second.text.split('\n').slice(1).join('\n')}`)
    await settled()
    await source.look()
    await source.look()
    expect(await source.jobsOf('first.csv')).toHaveLength(2)
    expect(await loadedFigures(customer, second)).toEqual(expectedFigures(second))
    expect((await source.objects())['new/first.csv']).toMatchObject({ state: 'succeeded', duplicate: false })
  })

  it('leaves a file that is touched, or removed and put back, as it is', async () => {
    const path = makeFolder('touched')
    const file = newFile()
    writeFileSync(join(path, 'touched.csv'), file.text)
    await settled()
    const source = await TestSource.create(a, { type: 'folder', path: 'touched' })
    await source.look()
    utimesSync(join(path, 'touched.csv'), LONG_AGO, LONG_AGO)
    await settled()
    await source.look()
    rmSync(join(path, 'touched.csv'))
    await source.look()
    writeFileSync(join(path, 'touched.csv'), file.text)
    writeFileSync(join(path, 'copy.csv'), file.text)
    await settled()
    await source.look()
    expect(await source.jobsOf('touched.csv')).toHaveLength(1)
    expect(await source.jobsOf('copy.csv')).toEqual([])
    const { 'touched/copy.csv': copy, 'touched/touched.csv': touched } = await source.objects()
    expect(copy).toMatchObject({ state: 'succeeded', duplicate: true, ingestionId: touched.ingestionId })
    expect(await loadedFigures(customer, file)).toEqual(expectedFigures(file))
  })

  it('waits for a file that is being written, and takes it up by itself when it is whole', async () => {
    const path = makeFolder('written')
    const file = newFile(400)
    const half = Math.floor(file.text.length / 2)
    writeFileSync(join(path, 'written.csv'), file.text.slice(0, half))
    const source = await TestSource.create(a, { type: 'folder', path: 'written' })
    for (let at = half; at < file.text.length; at += Math.ceil(half / 8)) {
      await source.look()
      expect((await source.objects())['written/written.csv'].state).toBe('waiting')
      appendFileSync(join(path, 'written.csv'), file.text.slice(at, at + Math.ceil(half / 8)))
      await sleep(700)
    }
    await until(async () => expect((await source.objects())['written/written.csv'].state).toBe('succeeded'))
    expect(await source.jobsOf('written.csv')).toHaveLength(1)
    expect(await loadedFigures(customer, file)).toEqual(expectedFigures(file))
    expect((await source.get()).nextRunAt).toMatch(/^20..-02-29/)
  })

  it('does not follow links that lead out of SOURCES_DIR, neither of files nor of folders', async () => {
    const path = makeFolder('links')
    const [secret, inside] = [newFile(), newFile()]
    mkdirSync(join(folder, 'outside'))
    writeFileSync(join(folder, 'outside', 'secret.csv'), secret.text)
    writeFileSync(join(path, 'real.csv'), inside.text)
    symlinkSync(join(folder, 'outside', 'secret.csv'), join(path, 'file.csv'))
    symlinkSync('../../outside', join(path, 'up'))
    symlinkSync('real.csv', join(path, 'within.csv'))
    await settled()
    const links = await TestSource.create(a, { type: 'folder', path: 'links' })
    expect(await links.look()).toMatchObject({ lastError: null })
    expect(Object.keys(await links.objects()).sort()).toEqual(['links/real.csv', 'links/within.csv'])
    const up = await TestSource.create(a, { type: 'folder', path: 'links/up' })
    expect(await up.look()).toMatchObject({
      lastError: '"links/up" leads out of SOURCES_DIR by a symbolic link; it is not read.',
      consecutiveFailures: 1,
    })
    expect(await loadedFigures(customer, secret)).toEqual(NOTHING_LOADED)
    expect(await loadedFigures(customer, inside)).toEqual(expectedFigures(inside))
  })

  it('that is not there fails in words, backs off, and is taken up when it comes', async () => {
    const source = await TestSource.create(a, { type: 'folder', path: 'later', schedule: '0 3 * * *' })
    const failed = await source.look()
    expect(failed).toMatchObject({ lastError: '"later" does not exist below SOURCES_DIR.', consecutiveFailures: 1 })
    const waitMs = Date.parse(failed.nextRunAt) - Date.now()
    expect(waitMs).toBeGreaterThan(59 * 60_000 - 60_000)
    expect(waitMs).toBeLessThan(61 * 60_000)
    expect((await source.look()).consecutiveFailures).toBe(2)
    makeFolder('later')
    expect(await source.look()).toMatchObject({ lastError: null, consecutiveFailures: 0 })
    expect((await source.get()).nextRunAt).toMatch(/T03:00:00\.000Z$/)
  })

  it('tries a failed file again when it changes, or when it is asked to', async () => {
    const path = makeFolder('failing')
    const file = newFile()
    writeFileSync(join(path, 'failing.csv'), 'Nothing,Known\n1,2\n')
    writeFileSync(join(path, 'page.csv'), 'x'.repeat(5_000_001))
    await settled()
    const source = await TestSource.create(a, { type: 'folder', path: 'failing' })
    await source.look()
    await source.look()
    const objects = await source.objects()
    expect(objects['failing/failing.csv']).toMatchObject({ state: 'failed', error: expect.stringMatching(/./) })
    expect(objects['failing/page.csv']).toMatchObject({
      state: 'failed',
      error: expect.stringContaining('at most 5000000'),
    })
    expect(await source.jobsOf('failing.csv')).toHaveLength(1)
    expect(await source.look({ retryFailed: true })).toMatchObject({ lastError: null })
    await source.look()
    expect(await source.jobsOf('failing.csv')).toHaveLength(2)
    writeFileSync(join(path, 'failing.csv.tmp'), file.text)
    renameSync(join(path, 'failing.csv.tmp'), join(path, 'failing.csv'))
    await settled()
    await source.look()
    expect(await loadedFigures(customer, file)).toEqual(expectedFigures(file))
    expect(await source.jobsOf('failing.csv')).toHaveLength(3)
  })

  it('takes the options of an upload, in each format', async () => {
    const path = makeFolder('formats')
    const values = (id: string) => [id, '2024-03-05', 'u', 'France', '', 'P1', 'Lamp', 'Home', '1.5', '2', '3', '', '']
    for (const [format, { head, tail, ...text }] of Object.entries(TEXT_FORMATS))
      writeFileSync(join(path, `f.${format}`), `${head}${text.record(values(`FMT-${format}`), undefined, true)}${tail}`)
    writeFileSync(
      join(path, 'z.csv.gz'),
      gzipSync(`${TEXT_FORMATS.csv.head}${TEXT_FORMATS.csv.record(values('FMT-gz'), undefined, true)}`),
    )
    const german = 'Nr;Tag;Land;Artikel;Menge;Summe\nFMT-de;5.3.2024;France;P1;2;1.500,50\n'
    writeFileSync(join(path, 'german.txt'), german)
    await settled()
    await (await TestSource.create(a, { type: 'folder', path: 'formats', pattern: '?.*', name: 'formats' })).look()
    const mapping = {
      TransactionId: 'Nr',
      TransactionDate: { from: 'Tag', format: 'D.M.YYYY' },
      Country: 'Land',
      ProductId: 'Artikel',
      Quantity: 'Menge',
      TotalPrice: 'Summe',
    }
    const options = {
      format: 'csv',
      mapping,
      decimalSeparator: ',',
      thousandsSeparator: '.',
      onError: 'abort',
      maxRejected: 0,
    }
    const source = await TestSource.create(a, {
      type: 'folder',
      path: 'formats',
      pattern: '*.txt',
      name: 'de',
      options,
    })
    expect((await source.get()).options).toEqual(options)
    await source.look()
    const { data } = await customer.execute({
      select: ['transaction_id', 'total_price'],
      filters: [{ member: 'transaction_id', operator: 'startsWith', values: ['FMT-'] }],
    })
    const prices = Object.fromEntries(data.map((row: any) => [row.transaction_id.slice(4), row.total_price]))
    expect(prices).toEqual({ csv: 3, tsv: 3, json: 3, ndjson: 3, xml: 3, gz: 3, de: 1500.5 })
  })
})

describe('two instances', () => {
  it('that look at one source at the same moment load each file once', async () => {
    const path = makeFolder('both')
    const files = Array.from({ length: 15 }, () => newFile(10))
    files.forEach((file, at) => writeFileSync(join(path, `both-${at}.csv`), file.text))
    await settled()
    const source = await TestSource.create(a, { type: 'folder', path: 'both', schedule: '* * * * * *' })
    await until(async () => expect(Object.keys(await source.objects())).toHaveLength(15))
    for (let round = 0; round < 10; round++)
      await Promise.all([a, b].map((server) => server.json('POST', `${source.path}/run`, {})))
    await source.untilJobsEnded()
    await sleep(3_000)
    const { body } = await a.json('GET', '/v1/ingestions?limit=500')
    const names = body.data.map((job: any) => job.fileName).filter((name: string) => name?.startsWith('both-'))
    expect(names.sort()).toEqual(files.map((_file, at) => `both-${at}.csv`).sort())
    for (const file of files) expect(await loadedFigures(customer, file)).toEqual(expectedFigures(file))
    expect((await source.patch({ isEnabled: false })).status).toBe(200)
  })
})
