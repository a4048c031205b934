import { connect } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { transactionsCsv } from '../../tools/generator/transactions-generator.js'
import { startCluster, type TestCluster } from '../support/cluster.js'
import { Customer } from '../support/customer.js'
import { EventStream } from '../support/event-stream.js'
import { event, metricsOf, send, steady } from '../support/events.js'
import { LiveReader } from '../support/live-reader.js'
import type { TestServer } from '../support/server.js'
import { until } from '../support/until.js'

let cluster: TestCluster
let server: TestServer
let other: TestServer

beforeAll(async () => {
  cluster = await startCluster()
  ;[server, other] = await Promise.all([cluster.start({ TRUST_PROXY: '1' }), cluster.start()])
})
afterAll(async () => {
  await cluster?.stop()
})

const gaugeOf = async (of: TestServer, name: string): Promise<number> => {
  const text = await (await of.fetch('/metrics')).text()
  return Number(new RegExp(`^${name} (\\d+)$`, 'm').exec(text)![1])
}

const ticketOf = async (key?: string): Promise<string> =>
  (await server.json('POST', '/v1/realtime/ticket', undefined, key)).body.ticket

describe('the live WebSocket', () => {
  it('gives a snapshot first, and then the changes that make what /api/metrics shows', async () => {
    await send(server, [event('before', 1, { region: 'EMEA', amount: 1.5 })])
    // In the second of its start an instance leaves what it is told to the engine's first count.
    await until(async () => expect((await metricsOf(server)).eventsByType).toMatchObject({ before: 1 }))
    const reader = await LiveReader.open(server)
    const { data } = await reader.snapshot()
    expect(data.metrics).toMatchObject({ eventsByType: { before: 1 }, recentValues: { 'before.n': 1 } })
    expect(data.metrics.regions.EMEA).toEqual({ events: 1, amount: 1.5 })
    for (let n = 1; n <= 30; n++) await send(server, [event(n % 2 ? 'odd' : 'even', n, { region: 'APAC', amount: 2 })])
    await until(async () => {
      expect(reader.events.map(({ values }) => values.n)).toEqual(Array.from({ length: 30 }, (_, index) => index + 1))
      expect(steady(reader.metrics())).toEqual(steady(await metricsOf(server)))
    })
    expect(reader.frames[0]!.type).toBe('snapshot')
    expect(reader.metrics().regions).toEqual({ EMEA: { events: 1, amount: 1.5 }, APAC: { events: 30, amount: 60 } })
    for (const frame of reader.frames) expect(Object.keys(frame)).toEqual(['type', 'at', 'data'])
    await reader.close()
  })

  it('keeps the order in a burst, says how many it left out, and sends at most ten frames a second', async () => {
    const reader = await LiveReader.open(server)
    await reader.snapshot()
    const before = (await metricsOf(server)).totalEvents
    const batch = (from: number) => Array.from({ length: 2_000 }, (_, index) => event('burst', from + index))
    for (let sent = 0; sent < 20_000; sent += 2_000) await send(server, batch(sent))
    const told = (): number => reader.of('event').reduce((sum, { data }) => sum + data.events.length + data.omitted, 0)
    await until(async () => expect(told()).toBe(20_000))
    const order = reader.events.map(({ values }) => values.n)
    expect(order).toEqual([...order].sort((a, b) => a - b))
    expect(new Set(order).size).toBe(order.length)
    expect(order.at(-1)).toBe(19_999)
    await until(async () => expect(reader.metrics().totalEvents).toBe(before + 20_000))
    expect(await metricsOf(server)).toMatchObject({ totalEvents: before + 20_000 })
    const series = (await metricsOf(server)).timeSeries.burst
    expect(series.map(({ values }: any) => values.n)).toEqual(Array.from({ length: 100 }, (_, index) => 19_900 + index))
    // By the clock of the server: frames may arrive together.
    const atMs = reader.frames.map(({ at }) => Date.parse(at))
    for (let index = 10; index < atMs.length; index++)
      expect(atMs[index]! - atMs[index - 10]!).toBeGreaterThanOrEqual(1000)
    await reader.close()
  })

  it('gives who comes in the middle of a stream of events neither a gap nor an event twice', async () => {
    let isSending = true
    let n = 0
    const sending = (async () => {
      while (isSending) await send(server, [event('stream', n++), event('stream', n++)])
    })()
    const readers: LiveReader[] = []
    for (let count = 0; count < 10; count++) {
      readers.push(await LiveReader.open(server))
      await readers.at(-1)!.snapshot()
    }
    isSending = false
    await sending
    const expected = (await metricsOf(server)).timeSeries
    for (const reader of readers) {
      await until(async () => expect(reader.metrics().timeSeries).toEqual(expected))
      await reader.close()
    }
  })

  it('carries jobs to those who may read them, and changes of dashboards to all', async () => {
    const member = await Customer.create(server, 0)
    const [staff, customer, elsewhere] = await Promise.all([
      LiveReader.open(server),
      LiveReader.open(server, { key: member.key }),
      LiveReader.open(other),
    ])
    expect((await staff.snapshot()).data.ingestions).toEqual([])
    expect((await customer.snapshot()).data).not.toHaveProperty('ingestions')
    expect((await server.json('POST', '/v1/customers', { name: 'Ada', email: 'ada@example.com' })).status).toBe(201)
    const response = await server.fetch('/v1/ingestions?wait=true&format=csv', {
      method: 'POST',
      headers: { 'content-type': 'text/csv' },
      body: [...transactionsCsv({ rows: 100, seed: 1 })].join(''),
    })
    const { id } = (await response.json()) as { id: string }
    for (const reader of [staff, elsewhere]) {
      const jobs = (): any[] => reader.of('ingestion').flatMap(({ data }) => data.ingestions)
      await until(async () => expect(jobs()).toContainEqual(expect.objectContaining({ id, status: 'succeeded' })))
      expect(
        jobs()
          .filter((each) => each.id === id)
          .map(({ rowsRead }) => rowsRead),
      ).toContain(100)
    }
    for (const reader of [staff, customer, elsewhere]) {
      const changed = (): string[] => reader.of('dashboard').flatMap(({ data }) => data.changed)
      await until(async () => expect(changed()).toEqual(expect.arrayContaining(['transactions', 'views', 'catalog'])))
    }
    expect(customer.of('ingestion')).toEqual([])
    const late = await LiveReader.open(server)
    expect((await late.snapshot()).data.ingestions).toEqual([expect.objectContaining({ id, status: 'succeeded' })])
    await Promise.all([staff, customer, elsewhere, late].map((reader) => reader.close()))
  })

  it('answers a ping, sends only the kinds of frames that are asked for, and refuses what it does not understand', async () => {
    const reader = await LiveReader.open(server)
    await reader.snapshot()
    reader.socket.send('{"type":"ping"}')
    await until(async () => expect(reader.answers).toHaveLength(1))
    reader.socket.send('{"type":"subscribe","frames":["metrics"]}')
    reader.socket.send('{"type":"ping"}')
    await until(async () => expect(reader.answers).toHaveLength(2))
    await send(server, [event('quiet', 1)])
    await reader.frame(({ type, data }) => type === 'metrics' && data.eventsByType.quiet === 1)
    expect(reader.events.filter(({ type }) => type === 'quiet')).toEqual([])
    await reader.close()
    const bad: [message: string | Buffer, code: number][] = [
      ['{"type":', 1007],
      ['[1]', 1008],
      ['null', 1007],
      ['{"type":"delete"}', 1008],
      ['{"type":"subscribe","frames":["all"]}', 1008],
      [Buffer.from('{"type":"ping"}'), 1003],
      [`{"type":"${'x'.repeat(5_000)}"}`, 1009],
    ]
    for (const [message, code] of bad) {
      const refused = await LiveReader.open(server)
      refused.socket.send(message)
      expect((await refused.untilClosed()).code, message.toString().slice(0, 40)).toBe(code)
    }
    expect((await server.json('GET', '/health/live', undefined, null)).status).toBe(200)
  })

  it('drops readers who stand still, at little cost in memory, and nobody else', async () => {
    const still = await Promise.all(Array.from({ length: 30 }, () => LiveReader.open(server)))
    const awake = await LiveReader.open(server)
    await Promise.all([...still, awake].map((reader) => reader.snapshot()))
    for (const { socket } of still) socket.pause()
    const text = 'x'.repeat(7_000)
    const batch = Array.from({ length: 100 }, (_, n) => event('large', n, { text }))
    const before = await gaugeOf(server, 'countinghouse_nodejs_external_memory_bytes')
    let most = 0
    // More than what the kernel holds and the limit together.
    await until(async () => {
      await send(server, batch)
      most = Math.max(most, await gaugeOf(server, 'countinghouse_nodejs_external_memory_bytes'))
      expect(await gaugeOf(server, 'countinghouse_live_connections')).toBe(1)
    }, 60_000)
    // Each of them could leave 4 MiB untaken.
    expect(most - before).toBeLessThan(60 * 1024 ** 2)
    for (const { socket } of still) socket.resume()
    await Promise.all(still.map((reader) => reader.untilClosed()))
    expect(awake.closed).toBeUndefined()
    await send(server, [event('after', 1)])
    await until(async () => expect(awake.events).toContainEqual(expect.objectContaining({ type: 'after' })))
    await awake.close()
  })
})

describe('who may open a live stream', () => {
  const NOT_LET_IN = { status: 401, type: expect.stringContaining('application/problem+json') }

  it('refuses strangers with a problem, and makes no WebSocket of it', async () => {
    for (const [headers, query] of [
      [{}, ''],
      [{ 'x-api-key': `ch_${'x'.repeat(43)}` }, ''],
      [{}, '?ticket=unknown'],
      [{}, '?ticket='],
      [{}, '?ticket=a&ticket=b'],
      [{ 'x-api-key': server.rootKey }, '?ticket=unknown'],
    ] as [Record<string, string>, string][]) {
      const refusal = await LiveReader.refused(server, headers, query)
      expect(refusal, query).toMatchObject({ ...NOT_LET_IN, body: { code: 'UNAUTHENTICATED' } })
    }
    const plain = await server.json('GET', '/api/ws')
    expect(plain).toMatchObject({ status: 400, body: { code: 'VALIDATION_FAILED' } })
    // Others are no WebSockets, and those who may not call them learn that first.
    expect(await LiveReader.refused(server, {}, '/../../v1/me')).toMatchObject(NOT_LET_IN)
  })

  it('takes a ticket once, on any instance, for a minute', async () => {
    const member = await Customer.create(server, 0)
    for (const key of [server.rootKey, member.key]) {
      const ticket = await ticketOf(key)
      const reader = await LiveReader.open(other, { ticket })
      await reader.snapshot()
      await reader.close()
      for (const each of [server, other])
        expect(await LiveReader.refused(each, {}, `?ticket=${ticket}`)).toMatchObject(NOT_LET_IN)
    }
    const old = await ticketOf()
    await cluster.sql("UPDATE access_tickets SET expires_at = now() - interval '1 millisecond'")
    expect(await LiveReader.refused(server, {}, `?ticket=${old}`)).toMatchObject(NOT_LET_IN)
    const answer = await server.json('POST', '/v1/realtime/ticket')
    expect(Date.parse(answer.body.expiresAt) - Date.parse(answer.headers.get('date')!)).toBeLessThan(63_000)
    // Nowhere else does it open anything.
    expect((await server.json('GET', `/v1/me?ticket=${answer.body.ticket}`, undefined, null)).status).toBe(401)
  })

  it('keeps tickets out of what is kept: logs and tables', async () => {
    const ticket = await ticketOf()
    const reader = await LiveReader.open(server, { ticket })
    await reader.close()
    await until(async () => {
      const { body } = await server.json('GET', '/v1/admin/logs?endpoint=/api/ws&status=101')
      expect(body.data[0]).toMatchObject({ endpoint: '/api/ws', status: 101 })
      expect(JSON.stringify(body)).not.toContain(ticket)
    })
    const unused = await ticketOf()
    const rows = JSON.stringify(await cluster.sql('SELECT encode(hash, $1), key_id FROM access_tickets', ['hex']))
    expect(rows).not.toContain(unused)
    expect(rows).not.toContain(Buffer.from(unused, 'base64url').toString('hex'))
    expect(server.output()).not.toContain(ticket)
  })

  it.each(['key', 'ticket', 'stream'])('closes what was opened by a %s that is revoked', async (way) => {
    const member = await Customer.create(server, 0)
    const keyId = (await server.json('GET', `/v1/admin/users/${member.id}/keys`)).body.data[0].id
    const revoke = () => server.json('DELETE', `/v1/admin/users/${member.id}/keys/${keyId}`)
    if (way === 'stream') {
      const stream = await EventStream.open(`${other.url}/v1/realtime/stream`, { 'x-api-key': member.key })
      await stream.first(1, 'snapshot')
      await revoke()
      return until(async () => expect(stream.hasEnded).toBe(true))
    }
    const options = way === 'ticket' ? { ticket: await ticketOf(member.key) } : { key: member.key }
    const reader = await LiveReader.open(other, options)
    const root = await LiveReader.open(other)
    await reader.snapshot()
    await revoke()
    expect(await reader.untilClosed()).toMatchObject({ code: 1008, reason: expect.stringContaining('key') })
    expect(root.closed).toBeUndefined()
    await root.close()
  })

  it('closes what was opened by a key of somebody who is disabled', async () => {
    const member = await Customer.create(server, 0)
    const reader = await LiveReader.open(server, { key: member.key })
    await server.json('PATCH', `/v1/admin/users/${member.id}`, { status: 'disabled' })
    expect((await reader.untilClosed()).code).toBe(1008)
  })
})

describe('the live stream as server-sent events', () => {
  it('has the frames of the WebSocket, and begins with a snapshot also when it is taken up again', async () => {
    const headers = { 'x-api-key': server.rootKey }
    const stream = await EventStream.open(`${server.url}/v1/realtime/stream`, headers)
    const reader = await LiveReader.open(server)
    expect(stream.response.headers.get('content-type')).toContain('text/event-stream')
    const [snapshot] = await stream.first(1, 'snapshot')
    expect(Object.keys(snapshot!.data.data.metrics).sort()).toEqual(Object.keys(await metricsOf(server)).sort())
    await reader.snapshot()
    await send(server, [event('sse', 1)])
    const [frame] = await stream.first(1, 'event')
    expect(frame!.data).toEqual(await reader.frame(({ type }) => type === 'event'))
    expect(Number(frame!.id)).toBeGreaterThan(Number(snapshot!.id))
    stream.close()
    const again = await EventStream.open(`${server.url}/v1/realtime/stream?ticket=${await ticketOf()}`, {
      'last-event-id': frame!.id!,
    })
    const [first] = await again.first(1)
    expect(first).toMatchObject({ event: 'snapshot', data: { data: { metrics: { eventsByType: { sse: 1 } } } } })
    again.close()
    await reader.close()
  })
})

describe('an upgrade that is no WebSocket', () => {
  it('is ignored, and the request answered with its body read, as for Java clients that offer HTTP/2', async () => {
    const body = JSON.stringify([event('java', 1)])
    const headers = ['host: x', `x-api-key: ${server.rootKey}`, 'content-type: application/json']
    const upgrade = ['connection: Upgrade, HTTP2-Settings', 'upgrade: h2c', 'http2-settings: AAEAAEAAAAIAAAAAAAMAAAAA']
    const socket = connect(Number(new URL(server.url).port), '127.0.0.1')
    let answer = ''
    socket.on('data', (data) => (answer += data.toString()))
    const head = ['POST /api/ingest/batch HTTP/1.1', ...headers, ...upgrade, `content-length: ${body.length}`]
    socket.write(`${head.join('\r\n')}\r\n\r\n${body.slice(0, 10)}`)
    socket.write(body.slice(10))
    await until(async () => expect(answer).toMatch(/^HTTP\/1.1 200[^]*"accepted":1/))
    // The connection stays for the next request.
    socket.write(`GET /v1/me HTTP/1.1\r\n${headers.join('\r\n')}\r\n\r\n`)
    await until(async () => expect(answer.match(/HTTP\/1.1 200/g)).toHaveLength(2))
    socket.destroy()
  })
})

describe('a stop', () => {
  it('says good-bye to every reader and keeps nobody waiting', async () => {
    const leaving = await cluster.start()
    const readers = await Promise.all([LiveReader.open(leaving), LiveReader.open(leaving)])
    const deaf = await LiveReader.open(leaving)
    await Promise.all([...readers, deaf].map((reader) => reader.snapshot()))
    deaf.socket.pause()
    const stream = await EventStream.open(`${leaving.url}/v1/realtime/stream`, { 'x-api-key': leaving.rootKey })
    await stream.first(1, 'snapshot')
    expect(await leaving.stop()).toBe(0)
    for (const reader of readers) expect((await reader.untilClosed()).code).toBe(1001)
    await until(async () => expect(stream.hasEnded).toBe(true))
    deaf.socket.terminate()
  })
})
