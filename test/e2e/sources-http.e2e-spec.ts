import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startCluster, type TestCluster } from '../support/cluster.js'
import { countedFile, expectedFigures, loadedFigures, NOTHING_LOADED } from '../support/counted-file.js'
import { Customer } from '../support/customer.js'
import { FileServer } from '../support/file-server.js'
import type { TestServer } from '../support/server.js'
import { TestSource } from '../support/sources.js'

const TOKEN = 'Bearer very-secret-token'

let spool: string
let cluster: TestCluster
let server: TestServer
let customer: Customer
let files: FileServer
let seeds = 8_000

beforeAll(async () => {
  spool = mkdtempSync(join(tmpdir(), 'sources-spool-'))
  files = await FileServer.start()
  cluster = await startCluster()
  server = await cluster.start({
    SPOOL_DIR: spool,
    SOURCES_ALLOW_PRIVATE: 'true',
    ENCRYPTION_KEY: Buffer.alloc(32, 7).toString('base64'),
    RATE_LIMIT_PER_MINUTE: '100000',
  })
  customer = await Customer.create(server, 100_000)
})
afterAll(async () => {
  await cluster?.stop()
  await files?.stop()
  rmSync(spool, { recursive: true, force: true })
})

const newFile = (rows = 20) => countedFile({ seed: ++seeds, rows })
const httpSource = (path: string, more: Record<string, unknown> = {}) =>
  TestSource.create(server, { type: 'http', urls: [files.url(path)], ...more })

describe('an http source', () => {
  it('reads a file with an ETag once, asks with it, and reads it again when it has changed', async () => {
    const [first, second] = [newFile(), newFile()]
    files.putTagged('/tagged.csv', first.text, '"1"')
    const source = await httpSource('/tagged.csv?token=of-the-url')
    expect(await source.look()).toMatchObject({ lastError: null, name: expect.stringMatching(/tagged\.csv$/) })
    await source.look()
    expect(files.at('/tagged.csv').map(({ headers }) => headers['if-none-match'])).toEqual([undefined, '"1"'])
    files.putTagged('/tagged.csv', second.text, '"2"')
    await source.look()
    expect(await source.jobsOf('tagged.csv')).toHaveLength(2)
    for (const file of [first, second]) expect(await loadedFigures(customer, file)).toEqual(expectedFigures(file))
  })

  it('tells a change by Last-Modified, and by the content where there is neither', async () => {
    const [dated, plain, changed] = [newFile(), newFile(), newFile()]
    files.put('/dated.csv', dated.text, { 'last-modified': 'Sat, 31 Jan 2026 12:00:00 GMT' })
    files.put('/plain.csv', plain.text)
    const source = await TestSource.create(server, {
      type: 'http',
      urls: [files.url('/dated.csv'), files.url('/plain.csv')],
    })
    for (let look = 0; look < 3; look++) await source.look()
    expect(files.at('/dated.csv').at(-1)!.headers['if-modified-since']).toBe('Sat, 31 Jan 2026 12:00:00 GMT')
    expect([await source.jobsOf('dated.csv'), await source.jobsOf('plain.csv')].map(({ length }) => length)).toEqual([
      1, 1,
    ])
    files.put('/plain.csv', changed.text)
    await source.look()
    expect(await source.jobsOf('plain.csv')).toHaveLength(2)
    for (const file of [dated, plain, changed])
      expect(await loadedFigures(customer, file)).toEqual(expectedFigures(file))
  })

  it('does not load content again that failed, unless it is asked to', async () => {
    files.put('/bad.csv', 'Nothing,Known\n1,2\n')
    const source = await httpSource('/bad.csv')
    for (let look = 0; look < 2; look++) await source.look()
    expect(await source.jobsOf('bad.csv')).toHaveLength(1)
    await source.look({ retryFailed: true })
    expect(await source.jobsOf('bad.csv')).toHaveLength(2)
  })

  it('backs off from a server that fails, says why, and reads the other URLs', async () => {
    const file = newFile()
    files.responses.set('/down.csv', (response) => response.writeHead(500).end('secret internals'))
    files.put('/up.csv', file.text)
    const urls = [files.url('/down.csv?token=of-the-url'), files.url('/up.csv')]
    const source = await TestSource.create(server, { type: 'http', urls, schedule: '0 */5 * * * *' })
    const failed = await source.look()
    const why = `${files.url('/down.csv')}: The server responded with 500 (Internal Server Error).`
    expect(failed).toMatchObject({ lastError: why, consecutiveFailures: 1 })
    expect(Date.parse(failed.nextRunAt) - Date.now()).toBeGreaterThan(9 * 60_000)
    expect(Date.parse((await source.look()).nextRunAt) - Date.now()).toBeGreaterThan(19 * 60_000)
    expect(await loadedFigures(customer, file)).toEqual(expectedFigures(file))
    expect((await source.objects())[urls[0]!]).toMatchObject({ state: 'failed', ingestionId: null })
    const mended = newFile()
    files.put('/down.csv', mended.text)
    expect(await source.look()).toMatchObject({ lastError: null, consecutiveFailures: 0 })
    expect(await loadedFigures(customer, mended)).toEqual(expectedFigures(mended))
  })

  it('sends its secret headers to its own server alone, and never shows them', async () => {
    const file = newFile()
    const elsewhere = await FileServer.start()
    elsewhere.put('/moved.csv', file.text)
    files.redirect('/moving.csv', elsewhere.url('/moved.csv'))
    const headers = { Authorization: TOKEN, 'X-Key': 'another-secret' }
    const source = await httpSource('/moving.csv', { headers })
    await source.look()
    expect(files.at('/moving.csv')[0]!.headers).toMatchObject({ authorization: TOKEN, 'x-key': 'another-secret' })
    expect(elsewhere.at('/moved.csv')[0]!.headers).not.toHaveProperty('authorization')
    expect(elsewhere.at('/moved.csv')[0]!.headers).not.toHaveProperty('x-key')
    await elsewhere.stop()
    expect(await loadedFigures(customer, file)).toEqual(expectedFigures(file))
    const other = await source.patch({ urls: ['http://198.51.100.1:8080/x.csv'] })
    expect([other.status, other.body.errors[0].path]).toEqual([400, 'headers'])
    expect((await source.get()).hasSecrets).toBe(true)
    const [row] = await cluster.sql('SELECT * FROM dataset_sources WHERE id = $1', [source.id])
    const shown = [await source.get(), await source.objects(), row, (await server.json('GET', '/v1/admin/audit')).body]
    for (const secret of ['very-secret', 'another-secret']) {
      expect(JSON.stringify(shown)).not.toContain(secret)
      expect(row.secrets_ciphertext.includes(secret)).toBe(false)
      expect(server.output()).not.toContain(secret)
    }
    expect((await source.patch({ headers: null })).body.hasSecrets).toBe(false)
  })

  it.each([
    ['to itself for ever', '/loop.csv', /redirects more than 5 times/],
    ['to a port of another protocol', 'http://127.0.0.1:6379/', /redirects to a URL that must use port 80, 443/],
    ['to another protocol', 'file:///etc/passwd', /redirects to a URL that must be a URL with http or https/],
    ['with a password', 'http://a:b@127.0.0.1:8080/', /must not hold a user name or password/],
    ['to nothing', 'http://', /redirects without a URL/],
  ])('does not follow a redirect %s', async (_where, to, message) => {
    files.redirect('/loop.csv', to)
    const source = await httpSource('/loop.csv')
    expect((await source.look()).lastError).toMatch(message)
    expect((await server.json('DELETE', source.path)).status).toBe(204)
  })

  it('does not load what breaks off before its end, nor a page instead of a file', async () => {
    const file = newFile()
    files.responses.set('/cut.csv', (response) => {
      response.writeHead(200, { 'content-length': file.text.length })
      response.write(file.text.slice(0, file.text.length / 2))
      setTimeout(() => response.destroy(), 200)
    })
    files.put('/page', 'Please sign in.', { 'content-type': 'text/html' })
    const source = await TestSource.create(server, { type: 'http', urls: [files.url('/cut.csv'), files.url('/page')] })
    expect((await source.look()).lastError).toBe(`${files.url('/cut.csv')}: The file broke off before its end.`)
    expect((await source.objects())[files.url('/page')]).toMatchObject({
      state: 'failed',
      error: expect.stringContaining('text/html cannot be read'),
    })
    expect(await loadedFigures(customer, file)).toEqual(NOTHING_LOADED)
    files.put('/cut.csv', file.text)
    expect((await source.look()).lastError).toBeNull()
    expect(await loadedFigures(customer, file)).toEqual(expectedFigures(file))
  })
})
