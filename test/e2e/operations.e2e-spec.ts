import { Agent, request, type IncomingMessage } from 'node:http'
import { once } from 'node:events'
import { connect } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { transactionsCsv } from '../../tools/generator/transactions-generator.js'
import { Customer } from '../support/customer.js'
import { descendantsOf, isAlive } from '../support/processes.js'
import { startProgram } from '../support/program.js'
import { until } from '../support/until.js'
import { startServer, type TestServer } from '../support/server.js'

const METRICS_TOKEN = 'scraper-token-1f0c'
const ENV = {
  METRICS_TOKEN,
  RATE_LIMIT_PER_MINUTE: '100000',
  // Every query reaches the engine.
  QUERY_CACHE_TTL_SECONDS: '0',
  INGESTION_CHUNK_BYTES: String(64 * 1024),
}
const QUERY = { measures: ['transactions'] }
const PROBLEM = /^application\/problem\+json/

describe('a configuration that cannot be used', () => {
  it('stops the start with one line for each problem and without the value of a secret', async () => {
    const secrets = { ADMIN_API_KEY: 'open-sesame-root', CLICKHOUSE_PASSWORD: 'open-sesame-clickhouse' }
    const urls = { RABBITMQ_URL: 'htp://app:open-sesame-rabbit@mq', REDIS_URL: 'open-sesame-redis' }
    const program = startProgram('main', { POSTGRES_URL: 'foo', PORT: 'x', LOG_LEVEL: 'loud', ...secrets, ...urls })
    expect(await program.exited).toBe(1)
    const lines = program.output().trim().split('\n')
    expect(lines[0]).toBe('The configuration cannot be used:')
    const named = lines.slice(1).map((line) => /^ {2}- ([A-Z_]+): \S/.exec(line)?.[1])
    expect(named.sort()).toEqual(['ADMIN_API_KEY', 'LOG_LEVEL', 'PORT', 'POSTGRES_URL', 'RABBITMQ_URL', 'REDIS_URL'])
    expect(program.output()).not.toContain('open-sesame')
  })

  it.each(['worker', 'engines'] as const)('stops the start of %s when its data folder cannot be made', async (name) => {
    const dataDir = join(import.meta.filename, 'data')
    const program = startProgram(name, { DATA_DIR: dataDir })
    expect(await program.exited).toBe(1)
    expect(program.output()).toContain(dataDir)
  })
})

describe('operations', () => {
  let server: TestServer
  let customer: Customer

  beforeAll(async () => {
    server = await startServer({ env: ENV })
    customer = await Customer.create(server, 100_000)
  })
  afterAll(async () => {
    await server?.stop()
  })

  /** The answer, which must be a problem of this status and code and say its own request's id. */
  async function expectProblem(answer: Response, status: number, code: string): Promise<any> {
    expect(answer.status).toBe(status)
    expect(answer.headers.get('content-type')).toMatch(PROBLEM)
    const body = (await answer.json()) as any
    expect(body).toMatchObject({ status, code, type: expect.any(String), title: expect.any(String) })
    expect(Array.isArray(body.errors)).toBe(true)
    expect(body.requestId).toBe(answer.headers.get('x-request-id'))
    expect(JSON.stringify(body)).not.toMatch(/node_modules|at \S+ \(|SELECT|ECONN|\.js:/)
    return body
  }

  describe('metrics', () => {
    const scrape = (authorization: string) => server.fetch('/metrics', { key: null, headers: { authorization } })

    it('are for admins, viewers and the holder of METRICS_TOKEN', async () => {
      const viewer = await Customer.create(server, 0, { role: 'viewer' })
      for (const allowed of [
        await server.fetch('/metrics'),
        await server.fetch('/metrics', { key: viewer.key }),
        await scrape(`Bearer ${METRICS_TOKEN}`),
      ]) {
        expect(allowed.status).toBe(200)
        expect(allowed.headers.get('content-type')).toMatch(/^text\/plain/)
        expect(await allowed.text()).toMatch(/^countinghouse_process_cpu_seconds_total \d/m)
      }
    })

    it('are for nobody else, and the token opens nothing else', async () => {
      await expectProblem(await server.fetch('/metrics', { key: null }), 401, 'UNAUTHENTICATED')
      await expectProblem(await scrape('Bearer scraper-token-1f0d'), 401, 'UNAUTHENTICATED')
      await expectProblem(await server.fetch('/metrics', { key: customer.key }), 403, 'FORBIDDEN')
      const headers = { authorization: `Bearer ${METRICS_TOKEN}` }
      for (const path of ['/v1/admin/users', '/v1/me', '/v1/datasets'])
        await expectProblem(await server.fetch(path, { key: null, headers }), 401, 'UNAUTHENTICATED')
    })
  })

  describe('requests that cannot be served', () => {
    it('that are no HTTP get a problem all the same', async () => {
      const send = (text: string): Promise<string> =>
        new Promise((done, failed) => {
          const socket = connect(Number(new URL(server.url).port), '127.0.0.1', () => socket.write(text))
          let answer = ''
          socket.on('data', (data) => (answer += data.toString()))
          socket.once('close', () => done(answer)).once('error', failed)
        })
      for (const [text, status] of [
        ['NONSENSE\r\n\r\n', 400],
        [`GET /v1/me?q=${'a'.repeat(20_000)} HTTP/1.1\r\nhost: x\r\n\r\n`, 431],
      ] as const) {
        const answer = await send(text)
        expect(answer).toMatch(new RegExp(`^HTTP/1.1 ${status} `))
        const [head, body] = answer.split('\r\n\r\n')
        expect(head).toMatch(/content-type: application\/problem\+json/)
        const requestId = /x-request-id: (\S+)/.exec(head!)![1]
        expect(JSON.parse(body!)).toMatchObject({ status, code: 'VALIDATION_FAILED', requestId })
      }
    })

    it('because of their address are in the log too', async () => {
      const answer = await server.fetch('/v1/zz%')
      const { requestId } = await expectProblem(answer, 400, 'VALIDATION_FAILED')
      await until(async () => {
        const { data } = (await server.json('GET', '/v1/admin/logs?limit=50')).body
        expect(data).toContainEqual(expect.objectContaining({ requestId, status: 400, endpoint: '/v1/zz%' }))
      })
    })

    const post = (body: RequestInit['body'], contentType?: string, path = '/v1/query') =>
      server.fetch(path, { method: 'POST', body, headers: contentType ? { 'content-type': contentType } : {} })
    const json = (body: string, path?: string) => post(body, 'application/json', path)

    it.each([
      ['GET', '/nothing'],
      ['GET', '/v1/nothing'],
      ['GET', '/v1'],
      ['GET', '//v1/me'],
      ['GET', '/v1/me/'],
      ['GET', '/v1/datasets/%00'],
      ['PUT', '/v1/nothing'],
    ])('%s %s is 404', async (method, path) => {
      await expectProblem(await server.fetch(path, { method }), 404, 'NOT_FOUND')
    })

    it.each([
      ['GET', '/v1/query'],
      ['PUT', '/v1/query'],
      ['DELETE', '/v1/me'],
      ['PATCH', '/health/live'],
    ])('%s %s is 405', async (method, path) => {
      await expectProblem(await server.fetch(path, { method }), 405, 'METHOD_NOT_ALLOWED')
    })

    it.each([255, 3_000])('a name of %i characters names nothing', async (length) => {
      await expectProblem(await server.fetch(`/v1/datasets/${'x'.repeat(length)}`), 404, 'NOT_FOUND')
    })

    it.each(['/v1/%zz', '/v1/datasets/%', '/%c0%ae', '/v1/me?limit=%zz'])('%s does no harm', async (path) => {
      const answer = await server.fetch(path)
      if (path.includes('?')) expect([200, 400]).toContain(answer.status)
      else await expectProblem(answer, 400, 'VALIDATION_FAILED')
    })

    it.each([
      ['half an object', '{"dataset":'],
      ['no JSON', 'dataset=transactions'],
      ['nothing', ''],
      ['a prototype', '{"dataset":"transactions","__proto__":{"admin":true}}'],
      ['a list', '[]'],
      ['a text', '"transactions"'],
      ['null', 'null'],
      ['lists 100,000 deep', `{"dataset":"transactions","filters":${'['.repeat(100_000)}${']'.repeat(100_000)}}`],
      [
        'filters 50,000 deep',
        `{"dataset":"transactions","measures":["revenue"],"filters":[${'{"or":['.repeat(50_000)}${']}'.repeat(50_000)}]}`,
      ],
    ])('a body of %s is 400', async (_name, body) => {
      await expectProblem(await json(body), 400, 'VALIDATION_FAILED')
      await expectProblem(await json(body, '/v1/admin/create-user'), 400, 'VALIDATION_FAILED')
    })

    it('a body of 10 MB is 413, and can be read by who sent it', async () => {
      const body = JSON.stringify({ dataset: 'transactions', measures: ['x'.repeat(10 * 1024 * 1024)] })
      for (const path of ['/v1/query', '/v1/query/dry-run', '/v1/admin/create-user'])
        await expectProblem(await json(body, path), 413, 'PAYLOAD_TOO_LARGE')
      const unknownLength = new ReadableStream({
        start(controller) {
          controller.enqueue(Buffer.from(body))
          controller.close()
        },
      })
      const headers = { 'content-type': 'application/json' }
      const init = { method: 'POST', body: unknownLength, duplex: 'half', headers } as RequestInit
      await expectProblem(await server.fetch('/v1/query', init), 413, 'PAYLOAD_TOO_LARGE')
    })

    it.each([
      'text/plain',
      'text/csv',
      'application/xml',
      'application/octet-stream',
      'application/x-www-form-urlencoded',
      'multipart/form-data; boundary=x',
      'nonsense',
    ])('a query as %s is 415', async (contentType) => {
      const body = JSON.stringify({ dataset: 'transactions', ...QUERY })
      for (const path of ['/v1/query', '/v1/query/dry-run', '/v1/admin/create-user'])
        await expectProblem(await post(body, contentType, path), 415, 'UNSUPPORTED_FORMAT')
    })

    it.each([
      '/v1/admin/users?limit=1&limit=2',
      '/v1/admin/users?limit[]=1',
      '/v1/admin/users?limit=1e3',
      '/v1/admin/users?colour=red',
      '/v1/admin/logs?from=yesterday',
      '/v1/me/usage?days=-1',
      '/v1/ingestions?status=lost',
    ])('%s is 400 and names what is wrong', async (path) => {
      const { errors } = await expectProblem(await server.fetch(path), 400, 'VALIDATION_FAILED')
      expect(errors.length).toBeGreaterThan(0)
    })

    it('takes nothing for any of it and stays up', async () => {
      const before = await customer.credits()
      expect((await customer.query(QUERY)).status).toBe(200)
      expect(await customer.credits()).toBe(before - 1)
    })
  })

  describe('health', () => {
    it('is public', async () => {
      expect(await server.json('GET', '/health/live', undefined, null)).toMatchObject({ body: { status: 'ok' } })
      expect(await server.json('GET', '/health/ready', undefined, null)).toMatchObject({
        status: 200,
        body: { status: 'ok', engines: { postgres: 'up', clickhouse: 'up' } },
      })
    })

    it.each([
      ['postgres', /bin\/postgres /],
      ['clickhouse', /clickhouse-child/],
    ])('says that %s is away; others get 503 meanwhile and never wait long', { retry: 2 }, async (engine, command) => {
      const creditsBefore = await customer.credits()
      const traffic = new Traffic(server, customer)
      const until = Date.now() + 2_500
      const states: string[] = []
      const traffics = Array.from({ length: 4 }, () => traffic.run())
      while (Date.now() < until) {
        const own = descendantsOf(server.process.pid!).filter((each) => command.test(each.command))
        // The one that the others descend from is the first one.
        if (own[0]) killQuietly(own[0].pid)
        const { status, body } = await server.json('GET', '/health/ready', undefined, null)
        expect([200, 503]).toContain(status)
        expect(body.status).toBe(status === 200 ? 'ok' : 'error')
        states.push(body.engines[engine])
        await sleep(50)
      }
      expect(states).toContain('down')
      const ready = async () => (await server.fetch('/health/ready')).status
      await expect.poll(ready).toBe(200)
      traffic.stop()
      await Promise.all(traffics)

      expect(traffic.wrong).toEqual([])
      expect(traffic.slowestMs).toBeLessThan(5_000)
      expect(traffic.statuses).toContain(503)
      expect(server.process.exitCode).toBeNull()
      // Whoever got no answer has paid nothing, though it may take a moment to be given back.
      await expect.poll(() => customer.credits()).toBe(creditsBefore - traffic.answered)
      expect((await customer.query(QUERY)).status).toBe(200)
    })
  })

  it('ends the stream of a job when the key that opened it is revoked', async () => {
    const upload = await server.fetch('/v1/ingestions', {
      method: 'POST',
      headers: { 'content-type': 'text/csv' },
      body: [...transactionsCsv({ rows: 500_000, seed: 2 })].join(''),
    })
    const { id } = (await upload.json()) as { id: string }
    const viewer = await Customer.create(server, 0, { role: 'viewer' })
    const keyId = (await server.json('GET', `/v1/admin/users/${viewer.id}/keys`)).body.data[0].id
    const stream = await server.fetch(`/v1/ingestions/${id}/events`, { key: viewer.key })
    expect(stream.status).toBe(200)
    await server.json('DELETE', `/v1/admin/users/${viewer.id}/keys/${keyId}`)
    expect(await stream.text()).toContain(id)
    expect((await server.json('GET', `/v1/ingestions/${id}`)).body.status).toMatch(/queued|running/)
    expect((await server.json('POST', `/v1/ingestions/${id}/cancel`)).status).toBe(200)
  })

  describe('SIGTERM', () => {
    const ROWS = 60_000

    it('answers what is in flight, ends with 0 and leaves no process, no job and no log row behind', async () => {
      const upload = server.fetch('/v1/ingestions?wait=true', {
        method: 'POST',
        headers: { 'content-type': 'text/csv' },
        body: [...transactionsCsv({ rows: ROWS, seed: 1 })].join(''),
      })
      const running = async () =>
        (await server.json('GET', '/v1/ingestions?status=running')).body.data[0] as { id: string; rowsRead: number }
      await expect.poll(running, { interval: 20 }).toBeDefined()
      const { id } = await running()
      // Answered before the stop begins: later requests are refused.
      const stream = await server.fetch(`/v1/ingestions/${id}/events`)
      expect(stream.status).toBe(200)
      const events = stream.text()
      const query = halfSentQuery(server, customer)
      await query.begun
      const processes = descendantsOf(server.process.pid!)
      expect(processes.length).toBeGreaterThan(2)

      const stoppedAt = Date.now()
      const code = server.stop({ keepData: true })
      await sleep(300)
      const answer = await query.finish()
      expect(answer.status).toBe(200)
      const uploaded = await upload
      expect([200, 202]).toContain(uploaded.status)
      expect(((await uploaded.json()) as any).id).toBe(id)
      expect(await events).toContain(id)
      expect(await code).toBe(0)
      expect(Date.now() - stoppedAt).toBeLessThan(30_000)
      expect(processes.filter(({ pid }) => isAlive(pid))).toEqual([])

      server = await startServer({ env: ENV, dataDir: server.dataDir, rootKey: server.rootKey })
      customer.moveTo(server)
      const { data } = (await server.json('GET', '/v1/admin/logs?limit=100')).body
      const logged = new Map(data.map((row: any) => [row.requestId, row.status]))
      expect(logged.get(answer.requestId)).toBe(200)
      expect(logged.get(uploaded.headers.get('x-request-id'))).toBe(uploaded.status)
      const job = async () => (await server.json('GET', `/v1/ingestions/${id}`)).body
      await expect.poll(job).toMatchObject({ status: 'succeeded', rowsAccepted: ROWS })
      expect((await customer.execute(QUERY)).data).toEqual([{ transactions: ROWS }])
    })

    it('does not wait for connections whose answer has left, and refuses what still comes on them', async () => {
      const agent = new Agent({ keepAlive: true })
      const query = halfSentQuery(server, customer, agent)
      await query.begun
      const asked = queryUntilRefused(server, agent)
      const stopped = server.stop({ keepData: true })
      await sleep(500)
      expect((await query.finish()).status).toBe(200)
      expect(await stopped).toBe(0)
      for (const { status, text } of await asked) {
        if (status !== 200) expect(JSON.parse(text)).toMatchObject({ status: 503, code: 'UNAVAILABLE' })
      }
      agent.destroy()
      server = await startServer({ env: ENV, dataDir: server.dataDir, rootKey: server.rootKey })
      customer.moveTo(server)
    })

    it('refuses new connections and does not wait for idle ones', async () => {
      await server.fetch('/health/live')
      // Connected ahead of need, as browsers and proxies do, and in the middle of sending a request's headers.
      const { port } = new URL(server.url)
      const silent = connect(Number(port), '127.0.0.1').on('error', () => undefined)
      const slow = connect(Number(port), '127.0.0.1').on('error', () => undefined)
      slow.write('GET /health/live HTTP/1.1\r\nhost:')
      await Promise.all([once(silent, 'connect'), once(slow, 'connect')])
      const startedAt = Date.now()
      expect(await server.stop({ keepData: true })).toBe(0)
      expect(Date.now() - startedAt).toBeLessThan(30_000)
      await expect(server.fetch('/health/live')).rejects.toThrow()
      server = await startServer({ env: ENV, dataDir: server.dataDir, rootKey: server.rootKey })
    })
  })
})

/** Requests of several kinds, one after another, that note what they got. */
class Traffic {
  readonly statuses: number[] = []
  /** what should not have been answered */
  readonly wrong: string[] = []
  slowestMs = 0
  /** paid answers */
  answered = 0
  private stopped = false

  constructor(
    private readonly server: TestServer,
    private readonly customer: Customer,
  ) {}

  stop(): void {
    this.stopped = true
  }

  async run(): Promise<void> {
    const kinds: [string, () => Promise<Response>][] = [
      ['query', () => this.customer.query(QUERY)],
      ['me', () => this.server.fetch('/v1/me', { key: this.customer.key })],
      ['users', () => this.server.fetch('/v1/admin/users')],
      ['datasets', () => this.server.fetch('/v1/datasets')],
      ['ingestions', () => this.server.fetch('/v1/ingestions')],
      ['dry run', () => this.dryRun()],
      ['live', () => this.server.fetch('/health/live')],
    ]
    while (!this.stopped) for (const [name, send] of kinds) await this.note(name, send)
  }

  private dryRun(): Promise<Response> {
    const body = JSON.stringify({ dataset: 'transactions', ...QUERY })
    const headers = { 'content-type': 'application/json' }
    return this.server.fetch('/v1/query/dry-run', { method: 'POST', headers, body })
  }

  private async note(name: string, send: () => Promise<Response>): Promise<void> {
    const startedAt = performance.now()
    const response = await send()
    const text = await response.text()
    this.slowestMs = Math.max(this.slowestMs, performance.now() - startedAt)
    this.statuses.push(response.status)
    if (name === 'query' && response.status === 200) this.answered++
    const isRight =
      response.status === 200 ||
      (response.status === 503 && name !== 'live' && PROBLEM.test(response.headers.get('content-type') ?? ''))
    if (!isRight && this.wrong.length < 5) this.wrong.push(`${name}: ${response.status} ${text}`)
    await sleep(5)
  }
}

function killQuietly(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // It has ended by itself meanwhile.
  }
}

/** A query whose headers and first half have been sent; `finish` sends the rest. */
function halfSentQuery(server: TestServer, customer: Customer, agent?: Agent) {
  const body = JSON.stringify({ dataset: 'transactions', ...QUERY })
  const sent = request(`${server.url}/v1/query`, {
    method: 'POST',
    agent,
    headers: {
      'x-api-key': customer.key,
      'content-type': 'application/json',
      'content-length': body.length,
      // Answered when the server has read the headers.
      expect: '100-continue',
    },
  })
  const answered = once(sent, 'response')
  const begun = once(sent, 'continue')
  sent.write(body.slice(0, 10))
  return {
    begun,
    async finish() {
      sent.end(body.slice(10))
      const [response] = (await answered) as [IncomingMessage]
      for await (const part of response) void part
      return { status: response.statusCode, requestId: response.headers['x-request-id'] }
    },
  }
}

/** Asks again and again on open connections, until no new one can be made; the answers. */
async function queryUntilRefused(server: TestServer, agent: Agent): Promise<{ status?: number; text: string }[]> {
  const answers: { status?: number; text: string }[] = []
  for (;;) {
    try {
      const sent = request(`${server.url}/v1/datasets`, { agent, headers: { 'x-api-key': server.rootKey } }).end()
      const [response] = (await once(sent, 'response')) as [IncomingMessage]
      let text = ''
      for await (const part of response) text += part
      answers.push({ status: response.statusCode, text })
    } catch {
      return answers
    }
  }
}
