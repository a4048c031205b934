import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Customer } from '../support/customer.js'
import { FileServer } from '../support/file-server.js'
import { preloaded } from '../support/preload.js'
import { startServer, type TestServer } from '../support/server.js'
import { NEVER, TestSource } from '../support/sources.js'

const PATH = '/v1/admin/datasets/transactions/sources'

describe('a source over the API', () => {
  let folder: string
  let a: TestServer

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'sources-api-'))
    a = await startServer({ env: { SOURCES_DIR: folder } })
  })
  afterAll(async () => {
    await a?.stop()
    rmSync(folder, { recursive: true, force: true })
  })

  const refusal = async (body: Record<string, unknown>, path = PATH): Promise<[number, string]> => {
    const answer = await a.json('POST', path, { schedule: NEVER, type: 'folder', path: 'x', ...body })
    const { errors = [] } = answer.body
    return [answer.status, errors.map((each: any) => `${each.path}: ${each.message}`).join('; ') || answer.body.detail]
  }

  it('is created, listed, changed and deleted', async () => {
    const created = await a.json('POST', PATH, { type: 'folder', path: './shop//in/', schedule: '*/5 * * * *' })
    expect([created.status, created.body]).toEqual([
      201,
      {
        id: expect.any(String),
        dataset: 'transactions',
        name: 'shop/in',
        type: 'folder',
        schedule: '*/5 * * * *',
        isEnabled: true,
        options: {},
        path: 'shop/in',
        pattern: null,
        hasSecrets: false,
        createdAt: expect.any(String),
        lastRunAt: null,
        lastError: null,
        consecutiveFailures: 0,
        nextRunAt: expect.stringMatching(/:[0-5][05]:00\.000Z$/),
        isRunning: false,
      },
    ])
    const { id } = created.body
    expect((await a.json('GET', `${PATH}/${id}`)).body).toEqual(created.body)
    expect((await a.json('GET', PATH)).body.data).toContainEqual(created.body)
    const changes = { name: 'exports', isEnabled: false, pattern: '*.csv', options: { onError: 'abort' } }
    expect((await a.json('PATCH', `${PATH}/${id}`, changes)).body).toEqual({
      ...created.body,
      ...changes,
      nextRunAt: null,
    })
    expect((await a.json('DELETE', `${PATH}/${id}`)).status).toBe(204)
    for (const method of ['GET', 'DELETE']) expect((await a.json(method, `${PATH}/${id}`)).status).toBe(404)
  })

  it('belongs to one dataset, under one name', async () => {
    const { id } = await TestSource.create(a, { type: 'folder', path: 'x', name: 'mine' }, 'users')
    expect((await a.json('GET', `${PATH}/${id}`)).status).toBe(404)
    const users = '/v1/admin/datasets/users/sources'
    expect(await refusal({ name: 'mine' }, users)).toEqual([409, expect.stringContaining('choose another name')])
    expect((await a.json('DELETE', `${users}/${id}`)).status).toBe(204)
  })

  it.each<[string, Record<string, unknown>, RegExp]>([
    ['a schedule that is none', { schedule: 'daily' }, /^schedule: must be a cron expression/],
    ['a day that never comes', { schedule: '0 0 30 2 *' }, /^schedule: names a day that never comes/],
    ['another type', { type: 'ftp' }, /^type: must be one of/],
    [
      'a field of another type',
      { bucket: 'abc' },
      /^bucket: is not for sources of the type folder; it has path, pattern/,
    ],
    ['an unknown field', { folder: 'x' }, /^folder: is not a known field/],
    ['a path that leads out', { path: '../etc' }, /^path: must not contain \.\./],
    ['an absolute path', { path: '/etc' }, /^path: must be a path below SOURCES_DIR/],
    ['a control character', { path: 'a\u0000b' }, /^path: must be one line/],
    ['a pattern of paths', { pattern: '../*' }, /^pattern: .* must not contain \//],
    [
      'an unknown option',
      { options: { formt: 'csv' } },
      /^options\.formt: is not a known field\. Did you mean "format"/,
    ],
    ['an option of its own', { options: { force: 'true' } }, /^options\.force: is not for sources/],
    [
      'a mapping of unknown columns',
      { options: { mapping: { Nope: 'x' } } },
      /^options\.mapping\.Nope: is not a column/,
    ],
    ['http without URLs', { type: 'http', path: undefined }, /^urls: is missing/],
    ['s3 without keys', { type: 's3', path: undefined, region: 'x', bucket: 'abc' }, /^accessKeyId: is missing/],
    [
      'a hostile region',
      { type: 's3', path: undefined, region: 'x.evil.com/#' },
      /^region: must be the name of a region/,
    ],
    ['a hostile bucket', { type: 's3', path: undefined, region: 'x', bucket: 'a/../b' }, /^bucket: must be the name/],
  ])('is refused with %s', async (_what, body, message) => {
    expect(await refusal(body)).toEqual([400, expect.stringMatching(message)])
  })

  it('is refused for a dataset that is unknown or takes no files', async () => {
    expect(await refusal({}, '/v1/admin/datasets/transaction/sources')).toEqual([
      404,
      expect.stringContaining('transactions'),
    ])
    expect(await refusal({}, '/v1/admin/datasets/events/sources')).toEqual([
      400,
      expect.stringContaining('takes no files'),
    ])
    expect(await refusal({}, `/v1/admin/datasets/${encodeURIComponent("x';--")}/sources`)).toEqual([
      404,
      expect.anything(),
    ])
  })

  it('is for admins; viewers may look', async () => {
    const viewer = await Customer.create(a, 0, { role: 'viewer' })
    const body = { type: 'folder', path: 'x', schedule: NEVER }
    expect((await a.json('GET', PATH, undefined, viewer.key)).status).toBe(200)
    expect((await a.json('POST', PATH, body, viewer.key)).status).toBe(403)
    const member = await Customer.create(a, 0)
    expect((await a.json('GET', PATH, undefined, member.key)).status).toBe(403)
  })
})

describe('without SOURCES_ALLOW_PRIVATE and SOURCES_DIR', () => {
  let strict: TestServer
  let files: FileServer
  const s3Body = (endpoint: string) => ({
    type: 's3',
    endpoint,
    region: 'us-east-1',
    bucket: 'exports',
    accessKeyId: 'a',
    secretAccessKey: 'b',
  })

  /** A name that leads outside when it is first looked up, and inside from then on. */
  const REBINDING = `
    import dns from 'node:dns'
    import { syncBuiltinESMExports } from 'node:module'
    const { lookup, promises } = dns
    const { lookup: look } = promises
    const isOurs = (name) => name.endsWith(".example.com")
    promises.lookup = async (name, ...more) => (isOurs(name) ? [{ address: '8.8.8.8', family: 4 }] : look(name, ...more))
    dns.lookup = (name, options, callback) =>
      isOurs(name) ? callback(null, [{ address: '127.0.0.1', family: 4 }]) : lookup(name, options, callback)
    syncBuiltinESMExports()
  `

  beforeAll(async () => {
    files = await FileServer.start()
    strict = await startServer({ env: preloaded(REBINDING) })
  })
  afterAll(async () => {
    await strict?.stop()
    await files?.stop()
  })

  const refusal = async (body: Record<string, unknown>): Promise<string> => {
    const answer = await strict.json('POST', PATH, { schedule: '0 5 * * *', ...body })
    expect(answer.status).toBe(400)
    return answer.body.errors.map(({ path, message }: any) => `${path}: ${message}`).join('; ')
  }

  it.each(['http://127.0.0.1:8080/', 'http://localhost/', 'http://[::1]/', 'http://169.254.169.254/latest/meta-data/'])(
    '%s is refused as a URL and as an endpoint',
    async (url) => {
      expect(await refusal({ type: 'http', urls: [url] })).toMatch(
        /^urls\[0\]: must not lead to a private.*SOURCES_ALLOW_PRIVATE/,
      )
      expect(await refusal(s3Body(url.replace(/latest.*/, '')))).toMatch(/^endpoint: must not lead to a private/)
    },
  )

  it('a folder source is refused with the name of the setting', async () => {
    expect(await refusal({ type: 'folder', path: 'x' })).toMatch(/^type: needs the setting SOURCES_DIR/)
  })

  it('a name that leads to a private address by the time of the connection is not connected to', async () => {
    files.put('/rebound.csv', 'TransactionId\n')
    const http = await TestSource.create(strict, {
      type: 'http',
      urls: [files.url('/rebound.csv', 'files.example.com')],
    })
    expect((await http.look()).lastError).toMatch(/The URL must not lead to a private or loopback address/)
    expect(files.at('/rebound.csv')).toEqual([])
    const bucket = await TestSource.create(strict, s3Body(files.url('/', 's3.example.com')))
    expect((await bucket.look()).lastError).toMatch(/The endpoint must not lead to a private or loopback address/)
    expect(files.asked).toEqual([])
  })
})
