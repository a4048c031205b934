import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Customer } from '../support/customer.js'
import { EventStream } from '../support/event-stream.js'
import { startServer, type TestServer } from '../support/server.js'
import { until } from '../support/until.js'

const COOKIE = 'countinghouse_session'
const ROOT = { role: 'admin', userId: null, defaultRateLimitPerMinute: 60 }
const MAX_FIRST_PAGE_BYTES = 150_000

let server: TestServer
let customer: Customer

beforeAll(async () => {
  server = await startServer()
  customer = await Customer.create(server, 10)
})
afterAll(() => server?.stop())

const signIn = (apiKey: string, headers: Record<string, string> = {}): Promise<Response> =>
  server.fetch('/v1/session', {
    method: 'POST',
    key: null,
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ apiKey }),
  })

async function cookieFor(apiKey: string): Promise<string> {
  const response = await signIn(apiKey)
  expect(response.status).toBe(201)
  return response.headers.get('set-cookie')!.split(';')[0]!
}

const withCookie = (cookie: string, path: string, init: RequestInit = {}): Promise<Response> =>
  server.fetch(path, { ...init, key: null, headers: { cookie, ...(init.headers as Record<string, string>) } })

describe('a session', () => {
  it('is a cookie that no script can read and no other site can send', async () => {
    const response = await signIn(server.rootKey)
    expect(await response.json()).toEqual({ ...ROOT, expiresAt: expect.any(String) })
    const cookie = response.headers.get('set-cookie')!
    expect(cookie).toMatch(/^countinghouse_session=[\w-]{43}; /)
    for (const attribute of ['HttpOnly', 'SameSite=Strict', 'Path=/', 'Max-Age=43200'])
      expect(cookie).toContain(attribute)
    expect(cookie).not.toContain('Domain')
    expect(cookie).not.toContain(server.rootKey)
  })

  it('takes along the stream that its ticket opened, and the tickets that nobody used', async () => {
    const [cookie, other] = [await cookieFor(customer.key), await cookieFor(customer.key)]
    const ticketOf = async (from: string): Promise<string> =>
      ((await (await withCookie(from, '/v1/realtime/ticket', { method: 'POST' })).json()) as { ticket: string }).ticket
    const opened = (ticket: string) => EventStream.open(`${server.url}/v1/realtime/stream?ticket=${ticket}`, {})
    const [stream, staying] = [await opened(await ticketOf(cookie)), await opened(await ticketOf(other))]
    const unused = await ticketOf(cookie)
    await Promise.all([stream.first(1, 'snapshot'), staying.first(1, 'snapshot')])
    expect((await withCookie(cookie, '/v1/session', { method: 'DELETE' })).status).toBe(204)
    await until(async () => expect(stream.hasEnded).toBe(true))
    expect((await server.fetch(`/v1/realtime/stream?ticket=${unused}`, { key: null })).status).toBe(401)
    expect(staying.hasEnded).toBe(false)
    staying.close()
  })

  it('stands for its key on every route, with its role and account', async () => {
    const [root, own] = [await cookieFor(server.rootKey), await cookieFor(customer.key)]
    expect(await (await withCookie(root, '/v1/session')).json()).toEqual(ROOT)
    expect((await withCookie(root, '/v1/admin/stats')).status).toBe(200)
    expect((await withCookie(own, '/v1/admin/stats')).status).toBe(403)
    expect(((await (await withCookie(own, '/v1/me')).json()) as any).user.id).toBe(customer.id)
    const query = { dataset: 'transactions', measures: ['transactions'] }
    const answer = await withCookie(own, '/v1/query', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(query),
    })
    expect(answer.headers.get('x-credits-charged')).toBe('1')
  })

  it('shows the account its ledger, keys and usage', async () => {
    const own = await cookieFor(customer.key)
    const json = async (path: string): Promise<any> => (await withCookie(own, path)).json()
    const ledger = await json('/v1/me/ledger')
    expect(ledger).toEqual((await server.json('GET', `/v1/admin/users/${customer.id}/ledger`)).body)
    expect(ledger.data.at(-1)).toMatchObject({ type: 'grant', amount: 10, balanceAfter: 10 })
    const keys = await json('/v1/me/keys')
    expect(keys.data).toHaveLength(1)
    expect(customer.key.startsWith(keys.data[0].prefix)).toBe(true)
    expect(JSON.stringify(keys)).not.toContain(customer.key)
    expect((await json(`/v1/me/usage?days=3`)).data).toHaveLength(3)
    expect((await json(`/v1/admin/users/${customer.id}/usage`)).code).toBe('FORBIDDEN')
    expect((await server.json('GET', `/v1/admin/users/${customer.id}/usage?days=3`)).body.data).toHaveLength(3)
  })

  it('is empty-handed for the root key, which has no account', async () => {
    const root = await cookieFor(server.rootKey)
    for (const path of ['/v1/me/ledger', '/v1/me/keys']) {
      const { data, pagination } = (await (await withCookie(root, path)).json()) as any
      expect([data, pagination.total]).toEqual([[], 0])
    }
  })

  it.each([
    ['another site', { 'sec-fetch-site': 'cross-site' }],
    ['another server on this host', { 'sec-fetch-site': 'same-site' }],
    ['another origin', { origin: 'http://127.0.0.1:1' }],
    ['no origin at all', { origin: 'null' }],
  ])('is refused to a page of %s', async (_where, headers) => {
    const root = await cookieFor(server.rootKey)
    const path = '/v1/admin/users'
    const response = await withCookie(root, path, { headers: headers as Record<string, string> })
    expect([response.status, ((await response.json()) as any).code]).toEqual([403, 'FORBIDDEN'])
    expect((await signIn(server.rootKey, headers as Record<string, string>)).status).toBe(403)
    const own = await withCookie(root, path, { headers: { origin: server.url, 'sec-fetch-site': 'same-origin' } })
    expect(own.status).toBe(200)
  })

  it('ends when it is signed out, and only that one', async () => {
    const [one, two] = [await cookieFor(customer.key), await cookieFor(customer.key)]
    const response = await withCookie(one, '/v1/session', { method: 'DELETE' })
    expect(response.status).toBe(204)
    expect(response.headers.get('set-cookie')).toContain(`${COOKIE}=; Max-Age=0`)
    expect((await withCookie(one, '/v1/session')).status).toBe(401)
    expect((await withCookie(two, '/v1/session')).status).toBe(200)
  })

  it('ends with its key', async () => {
    const other = await Customer.create(server, 0)
    const cookie = await cookieFor(other.key)
    expect((await withCookie(cookie, '/v1/session')).status).toBe(200)
    const { body } = await server.json('GET', `/v1/admin/users/${other.id}/keys`)
    await server.json('DELETE', `/v1/admin/users/${other.id}/keys/${body.data[0].id}`)
    await until(async () => expect((await withCookie(cookie, '/v1/session')).status).toBe(401))
  })

  it('gives way to a key that is sent beside it', async () => {
    const root = await cookieFor(server.rootKey)
    const response = await withCookie(root, '/v1/session', { headers: { 'x-api-key': customer.key } })
    expect(await response.json()).toEqual({ ...ROOT, role: 'member', userId: customer.id })
  })

  it.each([[`ch_${'0'.repeat(43)}`], ['nonsense'], ['']])('is not begun by the key %j', async (key) => {
    const response = await signIn(key)
    expect(response.status).toBe(401)
    expect(response.headers.get('set-cookie')).toBeNull()
  })

  it('is not guessed', async () => {
    for (const token of ['', 'x', 'a'.repeat(43), `${'a'.repeat(43)}; ${COOKIE}=b`]) {
      expect((await withCookie(`${COOKIE}=${token}`, '/v1/session')).status).toBe(401)
    }
  })
})

describe('the console at /', () => {
  it('runs nothing but its own scripts', async () => {
    const [one, two] = [await server.fetch('/', { key: null }), await server.fetch('/', { key: null })]
    const policy = one.headers.get('content-security-policy')!
    expect(policy).toContain("default-src 'none'; script-src 'self'")
    expect(policy).toContain("frame-ancestors 'none'")
    expect(policy).not.toMatch(/unsafe|https?:|\*/)
    const nonce = /'nonce-([^']+)'/.exec(policy)![1]!
    expect(await one.text()).toContain(`nonce="${nonce}"`)
    expect(two.headers.get('content-security-policy')).not.toContain(nonce)
  })

  it('takes less than 150 kB of JavaScript for the first page', async () => {
    const page = await (await server.fetch('/', { key: null })).text()
    const scripts = [...page.matchAll(/(?:src|href)="(\/assets\/[^"]+\.js)"/g)].map(([, path]) => path!)
    expect(scripts.length).toBeGreaterThan(0)
    let bytes = 0
    for (const path of scripts) {
      const response = await server.fetch(path, { key: null, method: 'HEAD', headers: { 'accept-encoding': 'gzip' } })
      const sent = Number(response.headers.get('content-length'))
      // A script of a line is longer when it is compressed, and goes as it is.
      if (sent > 200) expect(response.headers.get('content-encoding')).toBe('gzip')
      expect(response.headers.get('cache-control')).toContain('immutable')
      bytes += sent
    }
    expect(bytes).toBeLessThan(MAX_FIRST_PAGE_BYTES)
  })

  it('names no address outside of the server', () => {
    const page = readFileSync(new URL('../../dist/web/index.html', import.meta.url), 'utf8')
    expect(page).not.toMatch(/(src|href)="(?!\/)/)
  })

  it('gives no file outside of its folder', async () => {
    for (const path of [
      '/assets/../index.html',
      '/assets/%2e%2e/index.html',
      '/assets/..%2f..%2fsrc/main.js',
      '/assets/',
    ]) {
      expect((await server.fetch(path, { key: null })).status).toBe(404)
    }
  })
})
