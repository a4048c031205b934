import { spawn, type ChildProcess } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openPage, startBrowser } from '../support/browser.js'
import { Customer } from '../support/customer.js'
import { fencedCode } from '../support/fenced-code.js'
import { ended } from '../support/services.js'
import { randomTransactions, toCsv } from '../support/random-transactions.js'
import { freePort, startServer, type TestServer } from '../support/server.js'
import { isInstalled, untilAccepting } from '../support/services.js'
import { until } from '../support/until.js'
import { upload } from '../support/upload.js'
import { SeededRandom } from '../../tools/generator/random.js'

const READABLE = ['x-credits-charged', 'x-credits-remaining', 'x-request-id', 'retry-after', 'etag', 'location']
const QUERY = { dataset: 'transactions', measures: ['revenue'], dimensions: ['country'] }

/** Answers of the server to a request that a page of this origin would send. */
const asked = (origin: string, headers: Record<string, string> = {}) => ({ headers: { origin, ...headers } })
const preflight = (origin: string, method = 'POST') => ({
  method: 'OPTIONS',
  key: null,
  headers: { origin, 'access-control-request-method': method, 'access-control-request-headers': 'authorization' },
})

describe('pages of other origins', () => {
  let server: TestServer
  let customer: Customer
  let pagePort: number
  let origin: string

  beforeAll(async () => {
    pagePort = await freePort()
    origin = `http://127.0.0.1:${pagePort}`
    server = await startServer({ env: { CORS_ORIGINS: `https://app.example.com, ${origin}` } })
    await upload(server, toCsv(randomTransactions(new SeededRandom(1), 200)))
    customer = await Customer.create(server, 100)
  })
  afterAll(() => server?.stop())

  it('may ask first, which costs nothing, is not logged and needs no key', async () => {
    for (const path of ['/v1/query', '/v1/me', '/v1/nothing']) {
      const { status, headers } = await server.fetch(path, preflight('https://app.example.com'))
      expect(status).toBe(204)
      expect(headers.get('access-control-allow-origin')).toBe('https://app.example.com')
      expect(headers.get('access-control-allow-credentials')).toBeNull()
      expect(headers.get('vary')?.toLowerCase()).toContain('origin')
      const allowed = headers.get('access-control-allow-headers')!.toLowerCase()
      for (const name of ['x-api-key', 'authorization', 'content-type', 'idempotency-key', 'if-none-match'])
        expect(allowed).toContain(name)
    }
    await server.fetch('/v1/me', { key: customer.key })
    await until(async () => {
      const { data } = (await server.json('GET', '/v1/admin/logs?limit=500')).body
      expect(data.map(({ endpoint }: any) => endpoint)).toContain('/v1/me')
      expect(data.filter(({ method }: any) => method === 'OPTIONS')).toEqual([])
    })
  })

  it('can read what they get, refusals too', async () => {
    const broke = await Customer.create(server, 0)
    const post = { method: 'POST', body: JSON.stringify(QUERY) }
    const json = { 'content-type': 'application/json' }
    const answers: [number, Response][] = [
      [200, await server.fetch('/v1/query', { ...post, key: customer.key, ...asked(origin, json) })],
      [402, await server.fetch('/v1/query', { ...post, key: broke.key, ...asked(origin, json) })],
      [400, await server.fetch('/v1/query', { method: 'POST', body: '{}', key: customer.key, ...asked(origin, json) })],
      [401, await server.fetch('/v1/me', { key: 'x', ...asked(origin) })],
      [404, await server.fetch('/v1/nothing', { key: customer.key, ...asked(origin) })],
      [405, await server.fetch('/v1/query', { key: customer.key, ...asked(origin) })],
    ]
    for (const [status, { status: actual, headers }] of answers) {
      expect(actual).toBe(status)
      expect(headers.get('access-control-allow-origin'), String(status)).toBe(origin)
      const exposed = headers.get('access-control-expose-headers')!
      for (const name of READABLE) expect(exposed).toContain(name)
    }
  })

  it('of origins that are not named get nothing but what everybody gets', async () => {
    for (const other of ['https://app.example.com.evil.example', 'http://app.example.com', 'null', `${origin}0`]) {
      const asking = await server.fetch('/v1/query', preflight(other))
      expect([asking.status, asking.headers.get('allow')], other).toEqual([405, 'POST'])
      expect((await server.fetch('/v1/nothing', preflight(other))).status).toBe(404)
      const answer = await server.fetch('/v1/me', { key: customer.key, ...asked(other) })
      for (const { headers } of [asking, answer])
        expect([...headers.keys()].filter((name) => name.startsWith('access-control'))).toEqual([])
    }
  })

  it('cannot use the session of the console, also where their origin is named', async () => {
    const login = await server.fetch('/v1/session', {
      method: 'POST',
      key: null,
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ apiKey: customer.key }),
    })
    const cookie = login.headers.get('set-cookie')!.split(';')[0]!
    const { status, headers } = await server.fetch('/v1/me', { key: null, ...asked(origin, { cookie }) })
    expect(status).toBe(403)
    expect(headers.get('access-control-allow-credentials')).toBeNull()
  })

  describe.skipIf(!isInstalled('chromium', 'a page that is embedded'))('in a browser', () => {
    let browser: Browser
    let pageServer: ChildProcess
    let folder: string

    beforeAll(async () => {
      browser = await startBrowser()
      folder = mkdtempSync(join(tmpdir(), 'countinghouse-page-'))
      const [code, page] = fencedCode('docs/embedding.md', 'js', 'html')
      writeFileSync(join(folder, 'server.mjs'), code!.code)
      writeFileSync(join(folder, 'page.html'), page!.code)
      pageServer = spawn(process.execPath, [join(folder, 'server.mjs')], {
        env: { PORT: String(pagePort), COUNTINGHOUSE_URL: server.url, COUNTINGHOUSE_KEY: customer.key },
        stdio: ['ignore', 'inherit', 'inherit'],
      })
      await untilAccepting(pagePort, pageServer, { timeoutMs: 60_000, why: () => "the page's server did not start" })
    })
    afterAll(async () => {
      await browser?.close()
      if (pageServer) await ended(pageServer)
      if (folder) rmSync(folder, { recursive: true, force: true })
    })

    it('the page of docs/embedding.md draws what its token may see, and holds no key', async () => {
      const { data } = await customer.execute({ ...QUERY, order: [['revenue', 'desc']], limit: 10 })
      const before = await customer.credits()
      const { page, complaints } = await openPage(browser)
      const responses: string[] = []
      page.on(
        'response',
        (response) =>
          void response.text().then(
            (text) => responses.push(text),
            () => undefined,
          ),
      )
      await page.goto(origin)
      await page
        .locator('#chart .bar')
        .nth(data.length - 1)
        .waitFor()
      const bars = await page
        .locator('#chart li')
        .evaluateAll((items) =>
          items.map((item) => [...(item as any).children].map(({ textContent }: any) => textContent)),
        )
      expect(bars).toEqual(data.map(({ country, revenue }: any) => [country, String(revenue)]))
      expect(complaints).toEqual([])
      expect(await customer.credits()).toBe(before - 1)
      expect(responses.join()).not.toContain(customer.key)
    })

    it('reads headers and refusals, and sends no cookie', async () => {
      const { page } = await openPage(browser)
      await page.goto(origin)
      const outcome = await page.evaluate(`(async () => {
        const { url, token } = await (await fetch('/token')).json()
        const call = (path, init = {}) => fetch(url + path, { ...init, headers: { authorization: 'Bearer ' + token, ...init.headers } })
        const post = (body) => ({ method: 'POST', body: JSON.stringify(body), headers: { 'content-type': 'application/json' } })
        const paid = await call('/v1/query', post(${JSON.stringify(QUERY)}))
        const refused = await call('/v1/me/keys')
        const unknown = await call('/v1/query', post({ ...${JSON.stringify(QUERY)}, dimensions: ['category'] }))
        return {
          charged: paid.headers.get('x-credits-charged'),
          requestId: paid.headers.get('x-request-id')?.length,
          refused: [refused.status, (await refused.json()).code],
          unknown: [unknown.status, (await unknown.json()).code],
          withCookies: await call('/v1/me', { credentials: 'include' }).then(() => 'read', (error) => error.name),
        }
      })()`)
      expect(outcome).toEqual({
        charged: '1',
        requestId: 36,
        refused: [403, 'FORBIDDEN'],
        unknown: [400, 'VALIDATION_FAILED'],
        withCookies: 'TypeError',
      })
    })

    it('Swagger shows the call for a token in three languages, with its own address and without a key', async () => {
      const { page } = await openPage(browser)
      await page.goto(`${server.url}/swagger#/Me/tokens_issue`)
      const panel = page.getByRole('region', { name: 'Code' })
      for (const [language, key] of [
        ['curl', '$COUNTINGHOUSE_KEY'],
        ['TypeScript', 'process.env.COUNTINGHOUSE_KEY'],
        ['Python', 'os.environ["COUNTINGHOUSE_KEY"]'],
      ] as const) {
        await panel.getByRole('button', { name: language }).click()
        const code = await panel.locator('pre').textContent()
        expect(code).toContain(`${server.url}/v1/me/tokens`)
        expect(code).toContain(key)
      }
    })

    it('of an origin that is not named, it can read nothing', async () => {
      const { page } = await openPage(browser)
      // The same files under another origin.
      await page.goto(`http://localhost:${pagePort}`)
      await page.getByRole('status').filter({ hasText: 'Failed to fetch' }).waitFor()
      expect(await page.locator('#chart li').count()).toBe(0)
    })
  })
})
