import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startCli } from '../support/cli.js'
import { Customer } from '../support/customer.js'
import {
  execute,
  executeText,
  engineOf,
  ingest,
  ingestBatch,
  post,
  startEventsServer,
} from '../support/events-fixture.js'
import { canStopClickHouse } from '../support/on-cluster.js'
import type { TestServer } from '../support/server.js'
import { until } from '../support/until.js'

let server: TestServer
let types = 0

beforeAll(async () => {
  server = await startEventsServer()
})
afterAll(async () => {
  expect(await server?.stop()).toBe(0)
})

/** A type that no other test has, so that each test sees its own events. */
const newType = () => `type-${++types}`
const eventOf = (type: string, values: Record<string, unknown> = {}) => ({ source: 'shop', type, values })
const ofType = (type: string) => [{ member: 'type', operator: 'equals', values: [type] }]
const countOf = async (type: string) =>
  (await execute(server, { measures: ['events'], filters: ofType(type) })).data[0].events as number

describe('POST /api/ingest', () => {
  it('acknowledges an event of a key that may send them with its id; the next answer has it', async () => {
    const { key } = await Customer.create(server, 0, { sendEvents: true })
    const type = newType()
    for (let stored = 1; stored <= 3; stored++) {
      const { status, body } = await ingest(server, eventOf(type, { amount: 1 }), key)
      expect(status).toBe(200)
      expect(body).toEqual({ status: 'data received', id: expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-7/) })
      // The same query each time: a cached answer would be an old one.
      expect(await countOf(type)).toBe(stored)
    }
    const again = await execute(server, { measures: ['events'], filters: ofType(type) })
    expect(again.query.cached).toBe(true)
  })

  it('takes a batch as an array or as lines, and tells of each bad event what is wrong with it', async () => {
    const type = newType()
    const mixed = [eventOf(type), { ...eventOf(type), extra: 1 }, 7, eventOf(type, { deep: {} }), eventOf(type)]
    const rejected = [
      { index: 1, reason: 'extra: is not a known field' },
      { index: 2, reason: 'must be an object {"timestamp","source","type","values"}' },
      { index: 3, reason: 'values.deep: must be a number, a string or a boolean' },
    ]
    expect(await ingestBatch(server, mixed)).toMatchObject({
      status: 200,
      body: { status: 'data received', accepted: 2, rejected },
    })
    const lines = [...mixed.map((event) => JSON.stringify(event)), '', '{"source":'].join('\r\n')
    expect(await post(server, '/api/ingest/batch', lines, 'application/x-ndjson')).toMatchObject({
      status: 200,
      body: { accepted: 2, rejected: [...rejected, { index: 5, reason: 'is not valid JSON' }] },
    })
    expect(await countOf(type)).toBe(4)
  })

  const key = (name: string) => ({ ...eventOf('bad'), values: JSON.parse(`{${JSON.stringify(name)}:1}`) as object })
  const at = (timestamp: unknown) => ({ ...eventOf('bad'), timestamp })
  it.each([
    ['no type', { source: 'a', values: {} }, 'type'],
    ['an empty source', { source: ' ', type: 'bad', values: {} }, 'source'],
    ['a long type', { source: 'a', type: 'x'.repeat(129), values: {} }, 'type'],
    ['a NUL in the type', { source: 'a', type: 'a\0b', values: {} }, 'type'],
    ['half a surrogate pair', { source: 'a\ud800', type: 'bad', values: {} }, 'source'],
    ['no values', { source: 'a', type: 'bad' }, 'values'],
    ['a list of values', { source: 'a', type: 'bad', values: [1] }, 'values'],
    ['a null', eventOf('bad', { a: null }), 'values.a'],
    ['an empty key', key(''), 'values'],
    ['the key __proto__', key('__proto__'), 'values'],
    ['a long key', key('k'.repeat(129)), 'values'],
    ['a NUL in a key', key('a\0b'), 'values'],
    ['too many keys', eventOf('bad', Object.fromEntries(Array.from({ length: 65 }, (_, n) => [n, n]))), 'values'],
    ['more than 8 KiB', eventOf('bad', { a: 'é'.repeat(4_096) }), 'values'],
    ['a number that is too large', eventOf('bad', { a: 1e28 }), 'values.a'],
    ['a number with too many decimals', eventOf('bad', { a: 1e-39 }), 'values.a'],
    ['no time at all', at('soon'), 'timestamp'],
    ['a number as the time', at(1_700_000_000), 'timestamp'],
    ['a day that no calendar has', at('2023-02-29T00:00:00Z'), 'timestamp'],
    ['a time before 2000', at('1999-12-31T23:59:59Z'), 'timestamp'],
    ['a time two days ahead', at(new Date(Date.now() + 2 * 86_400_000).toISOString()), 'timestamp'],
  ])('refuses %s, and stores nothing', async (_name, event, path) => {
    const { status, body } = await ingest(server, event)
    expect(status).toBe(400)
    expect(body).toMatchObject({ code: 'VALIDATION_FAILED', errors: [{ path }] })
    expect(await countOf('bad')).toBe(0)
  })

  it.each([
    ['/api/ingest', '{"source":', 'application/json', 400],
    ['/api/ingest', '[]', 'application/json', 400],
    ['/api/ingest', `{"source":"${'x'.repeat(70_000)}"}`, 'application/json', 413],
    ['/api/ingest', '{}', 'text/plain', 415],
    ['/api/ingest/batch', '{}', 'application/json', 400],
    ['/api/ingest/batch', '['.repeat(100_000), 'application/json', 400],
    ['/api/ingest/batch', JSON.stringify(new Array(10_001).fill(0)), 'application/json', 400],
    ['/api/ingest/batch', '1\n'.repeat(10_001), 'application/x-ndjson', 400],
    ['/api/ingest/batch', '<events/>', 'text/xml', 415],
  ])('%s refuses %.20s as %s with %i', async (path, body, type, expected) => {
    expect((await post(server, path, body, type)).status).toBe(expected)
  })

  it.each(['application/json', 'application/x-ndjson'])(
    'tells of bad events of a long batch by index: %s',
    async (of) => {
      const type = newType()
      const isBad = (index: number): boolean => index % 997 === 5
      const events = Array.from({ length: 9_000 }, (_, n) => eventOf(isBad(n) ? '' : type, { n, text: ']},{"[' }))
      const body = of.endsWith('ndjson')
        ? events.map((each) => JSON.stringify(each)).join('\n')
        : JSON.stringify(events)
      const answer = await post(server, '/api/ingest/batch', body, of)
      expect(answer.status).toBe(200)
      const bad = events.flatMap((_, index) => (isBad(index) ? [index] : []))
      expect(answer.body.rejected.map(({ index }: { index: number }) => index)).toEqual(bad)
      expect(answer.body.accepted).toBe(9_000 - bad.length)
      expect(await countOf(type)).toBe(9_000 - bad.length)
    },
  )

  it('refuses a long batch whole when its end is not JSON, or has a field twice, and stores nothing of it', async () => {
    const type = newType()
    const events = JSON.stringify(Array.from({ length: 5_000 }, (_, n) => eventOf(type, { n }))).slice(0, -1)
    const twice = `{"source":"a","type":"${type}","type":"b","values":{}}`
    for (const [end, path] of [
      [',]', ''],
      [',1', ''],
      [`,${twice}]`, '[5000].type'],
    ] as const) {
      const answer = await post(server, '/api/ingest/batch', events + end)
      expect(answer).toMatchObject({ status: 400, body: { errors: [{ path }] } })
    }
    const long = `${events},${JSON.stringify(eventOf(type, { a: 'x'.repeat(1_200_000) }))}]`
    expect((await post(server, '/api/ingest/batch', long)).status).toBe(413)
    expect(await countOf(type)).toBe(0)
  })

  it('refuses bytes that are no UTF-8, and a batch that is too large', async () => {
    expect((await post(server, '/api/ingest', Buffer.from('{"source":"\xff"}', 'latin1'))).status).toBe(400)
    const large = Buffer.alloc(96 * 1024 * 1024 + 1, ' ')
    expect((await post(server, '/api/ingest/batch', large)).status).toBe(413)
  })
})

describe('the dataset events', () => {
  it('keeps numbers exact, whatever a double would make of them', async () => {
    const type = newType()
    const values = ['0.1', '0.2', '12345678901234567890.123456789', '-1e-38', '1.50', '"no number"']
    for (const value of values) {
      const body = `{"source":"s","type":"${type}","values":{"a":${value}}}`
      expect((await post(server, '/api/ingest', body)).status).toBe(200)
    }
    const text = await executeText(server, {
      measures: ['events', 'sum(values.a)', 'avg(values.a)', 'min(values.a)', 'max(values.a)', 'sum(values.none)'],
      filters: ofType(type),
    })
    expect(text).toContain('"sum(values.a)":12345678901234567891.92345678899999999999999999999999999999')
    expect(text).toContain('"avg(values.a)":2469135780246913578.3846913578')
    expect(text).toContain('"min(values.a)":-0.00000000000000000000000000000000000001')
    expect(text).toContain('"max(values.a)":12345678901234567890.123456789')
    expect(text).toContain('"events":6')
    expect(text).toContain('"sum(values.none)":0')
    const { data } = await execute(server, {
      select: ['values.a'],
      filters: ofType(type),
      order: [['values.a', 'asc']],
    })
    expect(data.map((row: Record<string, string>) => row['values.a'])).toEqual([
      ...['-0.00000000000000000000000000000000000001', '0.1', '0.2', '1.5', '12345678901234567890.123456789'],
      'no number',
    ])
  })

  it('answers queries whose statement is long', async () => {
    const type = newType()
    await ingest(server, { source: 's', type, timestamp: '2024-03-01T00:00:00Z', values: { a: 1 } })
    const key = (index: number) => `${'k'.repeat(100)}${index}`
    const compared = {
      dimension: 'timestamp',
      compareDateRange: ['2024-03-01', '2024-03-02', '2024-03-03', '2024-03-04'],
    }
    const measures = Array.from({ length: 50 }, (_, index) => `avg(values.${key(index)})`)
    const having = measures.map((member) => ({ member, operator: 'notSet' }))
    const ofFigures = await execute(server, {
      measures,
      timeDimension: compared,
      filters: [...ofType(type), ...having],
    })
    expect(ofFigures.data).toHaveLength(4)
    const values = Array.from({ length: 999 }, (_, index) => `text ${index}`)
    const ofTexts = await execute(server, {
      measures: ['events'],
      timeDimension: compared,
      filters: [...ofType(type), { member: `values.${key(0)}`, operator: 'notContains', values }],
    })
    expect(ofTexts.data.map(({ events }: { events: number }) => events)).toEqual([1, 0, 0, 0])
  })

  it('cuts periods and days in the time zone of the query', async () => {
    const type = newType()
    const at = ['2024-03-30T22:59:59.999Z', '2024-03-30T23:00:00.000Z', '2024-03-31T01:30:00.000+00:00']
    await ingestBatch(
      server,
      at.map((timestamp) => ({ ...eventOf(type), timestamp })),
    )
    const days = async (granularity: string, timezone: string, more: object = {}) => {
      const timeDimension = { dimension: 'timestamp', granularity, ...more }
      const { data, columns } = await execute(server, {
        ...{ measures: ['events'], timeDimension, timezone, filters: ofType(type) },
      })
      const found = data.map((row: Record<string, unknown>) => [row.timestamp, row.events])
      return [columns[0].type, ...found]
    }
    expect(await days('day', 'UTC')).toEqual(['date', ['2024-03-30', 2], ['2024-03-31', 1]])
    expect(await days('day', 'europe/berlin')).toEqual(['date', ['2024-03-30', 1], ['2024-03-31', 2]])
    expect(await days('month', 'Pacific/Kiritimati')).toEqual(['date', ['2024-03-01', 3]])
    expect(await days('hour', 'Asia/Kolkata')).toEqual([
      'timestamp',
      ...[['2024-03-30T22:30:00Z', 2]],
      ['2024-03-31T01:30:00Z', 1],
    ])
    expect(await days('day', 'Europe/Berlin', { dateRange: ['2024-03-31'] })).toEqual(['date', ['2024-03-31', 2]])
    const range = ['2024-03-30T23:00:00Z', '2024-03-31T02:30:00+01:00']
    expect(await days('minute', 'UTC', { dateRange: range })).toEqual([
      'timestamp',
      ['2024-03-30T23:00:00Z', 1],
      ['2024-03-31T01:30:00Z', 1],
    ])
  })

  it('never writes a key into the statement, whatever the key is', async () => {
    const type = newType()
    const keys = ["a'b", 'a`b\\', '{p0:String}', 'a)b', "x') OR 1=1 --", 'ключ', 'constructor', '0', 'a.b c']
    for (const [n, key] of keys.entries()) {
      expect((await ingest(server, eventOf(type, { [key]: n + 0.5 }))).status).toBe(200)
      const query = { measures: [`sum(values.${key})`], dimensions: [`values.${key}`], filters: ofType(type) }
      const having = [{ member: `sum(values.${key})`, operator: 'gt', values: [0] }]
      const { data } = await execute(server, { ...query, filters: [...ofType(type), ...having] })
      expect(data).toEqual([{ [`values.${key}`]: String(n + 0.5), [`sum(values.${key})`]: n + 0.5 }])
      const dry = await server.json('POST', '/v1/query/dry-run', { dataset: 'events', ...query })
      expect(dry.status).toBe(200)
      expect(Object.values(dry.body.params)).toContain(key)
    }
  })

  it('is in the catalog with the keys that were seen, and takes no files', async () => {
    const type = newType()
    await ingest(server, eventOf(type, { figure: 1, word: 'x' }))
    await until(async () => {
      const { body } = await server.json('GET', '/v1/datasets/events')
      const names = body.members.map(({ name }: { name: string }) => name)
      expect(names).toEqual(expect.arrayContaining(['timestamp', 'source', 'type', 'events', 'values.word']))
      expect(names).toEqual(expect.arrayContaining(['values.figure', 'sum(values.figure)', 'avg(values.figure)']))
      expect(names).not.toContain('sum(values.word)')
      const { data } = await execute(server, { measures: ['events'] })
      expect(body.rowCount).toBe(data[0].events)
      expect(Date.now() - Date.parse(body.lastIngestion)).toBeLessThan(600_000)
    })
    const upload = await server.fetch('/v1/ingestions?dataset=events&format=csv', {
      method: 'POST',
      headers: { 'content-type': 'text/csv' },
      body: 'id\n1\n',
    })
    expect(upload.status).toBe(400)
  })

  it('is exported like any other', async () => {
    const type = newType()
    await ingest(server, { ...eventOf(type, { a: 0.1 }), timestamp: '2024-05-06T07:08:09.010Z' })
    const query = { select: ['timestamp', 'type', 'values.a'], filters: ofType(type) }
    const exported = (accept: string) =>
      server.fetch('/v1/query', {
        method: 'POST',
        headers: { 'content-type': 'application/json', accept },
        body: JSON.stringify({ dataset: 'events', ...query }),
      })
    expect(await (await exported('text/csv')).text()).toBe(
      `"timestamp","type","values.a"\n"2024-05-06T07:08:09.010Z","${type}","0.1"\n`,
    )
    for (const type of ['application/vnd.apache.parquet', 'application/vnd.apache.arrow.stream']) {
      const response = await exported(type)
      expect(response.status).toBe(200)
      expect((await response.arrayBuffer()).byteLength).toBeGreaterThan(100)
    }
  })

  it.each([
    [{ measures: ['sum(values.)'] }, 'measures[0]'],
    [{ measures: ['median(values.a)'] }, 'measures[0]'],
    [{ measures: ['values.a'] }, 'measures[0]'],
    [{ dimensions: [`values.${'k'.repeat(129)}`] }, 'dimensions[0]'],
    [{ dimensions: ['values.a\0'] }, 'dimensions[0]'],
    [{ timeDimension: { dimension: 'timestamp', granularity: 'second' } }, 'timeDimension.granularity'],
    [{ timeDimension: { dimension: 'timestamp', dateRange: ['2024-01-01', '2024-01-02T00:00'] } }, undefined],
  ])('refuses %j', async (query, path) => {
    const { status, body } = await server.json('POST', '/v1/query', { dataset: 'events', ...query })
    expect(status).toBe(400)
    if (path) expect(body.errors[0].path).toBe(path)
  })

  it('takes minutes and hours for moments only', async () => {
    const timeDimension = { dimension: 'transaction_date', granularity: 'hour' }
    const { status } = await server.json('POST', '/v1/query', { dataset: 'transactions', timeDimension })
    expect(status).toBe(400)
  })
})

describe('countinghouse generate events', () => {
  const generate = (...args: string[]) =>
    startCli(['generate', 'events', ...args], {
      env: { COUNTINGHOUSE_URL: server.url, COUNTINGHOUSE_API_KEY: server.rootKey },
    })
  const total = async () => (await execute(server, { measures: ['events'] })).data[0].events as number
  const figures = async (afterId: string) => {
    const filters = [{ member: 'id', operator: 'notEquals', values: ['x'] }]
    const { data } = await execute(server, {
      ...{
        select: ['id', 'source', 'type', 'values.amount', 'values.user', 'values.temperature'],
        filters,
        limit: 10_000,
      },
      order: [['id', 'desc']],
    })
    return data
      .filter(({ id }: { id: string }) => id > afterId)
      .map(({ id: _, ...rest }: { id: string }) => JSON.stringify(rest))
      .sort()
  }
  const lastId = async () =>
    (await execute(server, { select: ['id'], order: [['id', 'desc']], limit: 1 })).data[0].id as string

  it('sends as many as it was told, the same ones for the same seed', async () => {
    const args = ['--count', '23', '--batch', '5', '--interval', '0', '--seed', '9']
    const sent: string[][] = []
    for (let run = 0; run < 2; run++) {
      const before = await lastId()
      const { code, stdout } = await generate(...args).ended
      expect(code).toBe(0)
      expect(stdout).toMatch(/^23 of 23 events sent in 5 requests, /)
      sent.push(await figures(before))
    }
    expect(sent[0]).toHaveLength(23)
    expect(sent[1]).toEqual(sent[0])
  })

  it('stops at Ctrl-C and says how far it came', async () => {
    const before = await total()
    const run = generate('--count', '1000000', '--batch', '1', '--rate', '50')
    await until(async () => expect(await total()).toBeGreaterThan(before))
    run.process.kill('SIGINT')
    const { code, stdout } = await run.ended
    expect(code).toBe(130)
    const [, count] = /^([\d,]+) of 1,000,000 events sent/m.exec(stdout)!
    expect(Number(count)).toBe((await total()) - before)
  })

  it('says what is wrong with its options', async () => {
    expect((await generate('--batch', '0').ended).code).toBe(2)
    expect((await generate('--rate', 'fast').ended).code).toBe(2)
  })
})

const canStop = process.platform === 'linux' && canStopClickHouse('A ClickHouse that does not answer')
describe.runIf(canStop)('a ClickHouse that does not answer', () => {
  it('lets events wait up to the limit, answers 503 beyond it, and stores all that were acknowledged', async () => {
    const small = await startEventsServer({ env: { EVENT_QUEUE_BYTES: '4096' } })
    try {
      const engine = engineOf(small)
      process.kill(engine, 'SIGSTOP')
      const answers = Array.from({ length: 60 }, (_, n) => ingest(small, eventOf('full', { n, pad: 'x'.repeat(200) })))
      const refused = await Promise.race(answers)
      expect(refused.status).toBe(503)
      expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0)
      process.kill(engine, 'SIGCONT')
      const statuses = (await Promise.all(answers)).map(({ status }) => status)
      expect(new Set(statuses)).toEqual(new Set([200, 503]))
      const { data } = await execute(small, { measures: ['events'] })
      expect(data[0].events).toBe(statuses.filter((status) => status === 200).length)
    } finally {
      expect(await small.stop()).toBe(0)
    }
  })
})
