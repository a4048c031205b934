import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Customer } from '../support/customer.js'
import { TestEngines } from '../support/engines.js'
import { OtlpReceiver, type ReceivedSpan } from '../support/otlp-receiver.js'
import { startProgram, type TestProgram } from '../support/program.js'
import { startServer, type TestServer } from '../support/server.js'
import { until } from '../support/until.js'
import { upload } from '../support/upload.js'

const [SERVER, CLIENT] = [2, 3]
const TRACE_ID = '4bf92f3577b34da6a3ce929d0e0e4736'
const CALLER = '00f067aa0ba902b7'
const ROWS = `TransactionId,TransactionDate,Country,ProductId,Quantity,TotalPrice
a-1,2026-01-01,DE,cell-of-a-file,1,2.50
`

describe('traces', () => {
  let collector: OtlpReceiver
  let engines: TestEngines
  let server: TestServer
  let worker: TestProgram
  let customer: Customer

  beforeAll(async () => {
    collector = await OtlpReceiver.start()
    engines = await TestEngines.start()
    const env = {
      ...engines.urls,
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
      OTEL_BSP_SCHEDULE_DELAY: '100',
      QUERY_COST_CREDITS: '2',
      SPOOL_DIR: `${engines.dataDir}/spool`,
    }
    server = await startServer({ env: { ...env, INGESTION_WORKER: 'false' } })
    worker = startProgram('worker', { ...env, DATA_DIR: engines.dataDir, OTEL_SERVICE_NAME: 'a-worker' })
    customer = await Customer.create(server, 4)
  })
  afterAll(async () => {
    await worker?.end()
    await server?.stop()
    await engines?.stop()
    await collector?.stop()
  })

  /** The spans of a trace when its root is there. */
  const traceOf = async (traceId: string): Promise<ReceivedSpan[]> => {
    const spans = (): ReceivedSpan[] => collector.spans.filter((span) => span.traceId === traceId)
    await until(async () => expect(spans()).toContainEqual(expect.objectContaining({ kind: SERVER })), 20_000)
    return spans()
  }

  const query = async (traceId: string): Promise<ReceivedSpan[]> => {
    const filters = [{ member: 'country', operator: 'equals', values: ['value-of-a-filter'] }]
    await customer.query({ measures: ['transactions'], filters }, { traceparent: `00-${traceId}-${CALLER}-01` })
    return traceOf(traceId)
  }

  /** Each span's name below the name of the span that it is in. */
  const parentsOf = (spans: ReceivedSpan[]): Record<string, string | undefined> => {
    const names = new Map(spans.map(({ spanId, name }) => [spanId, name]))
    return Object.fromEntries(spans.map(({ name, parentSpanId }) => [name, names.get(parentSpanId!)]))
  }

  it('show the guards, the cache, the charge and ClickHouse of a query, in the trace of its caller', async () => {
    const spans = await query(TRACE_ID)
    const request = 'POST /v1/query'
    expect(parentsOf(spans)).toMatchObject({
      [request]: undefined,
      ApiKeyGuard: request,
      RolesGuard: request,
      QueryGuard: request,
      PrincipalThrottlerGuard: request,
      CreditsGuard: request,
      'cache find': 'CreditsGuard',
      'credits charge': 'CreditsGuard',
      query: request,
      'cache fill': 'query',
      'ClickHouse SELECT': 'cache fill',
      'credits settle': request,
    })
    const root = spans.find(({ name }) => name === request)!
    expect(root).toMatchObject({ service: 'countinghouse', kind: SERVER, parentSpanId: CALLER })
    expect(root.attributes).toMatchObject({
      'http.request.method': 'POST',
      'http.route': '/v1/query',
      'http.response.status_code': 200,
      'countinghouse.credits.charged': 2,
    })
    const select = spans.find(({ name }) => name === 'ClickHouse SELECT')!
    expect(select).toMatchObject({ kind: CLIENT, attributes: { 'db.system.name': 'clickhouse' } })
    expect(attributesIn(spans, 'cache find')).toMatchObject({ 'countinghouse.cache.hit': false })
    for (const span of spans) expectWithin(span, root)
  })

  it('show that a cached query does not reach ClickHouse', async () => {
    const spans = await query(TRACE_ID.replace(/^4b/, '4c'))
    expect(attributesIn(spans, 'cache peek')).toMatchObject({ 'countinghouse.cache.hit': true })
    const names = spans.map(({ name }) => name)
    expect(names).toContain('credits charge')
    expect(names).not.toContain('ClickHouse SELECT')
  })

  it('show what refused a query', async () => {
    const spans = await query(TRACE_ID.replace(/^4b/, '4d'))
    expect(attributesIn(spans, 'POST /v1/query')).toMatchObject({ 'http.response.status_code': 402 })
    expect(spans.find(({ name }) => name === 'CreditsGuard')!.status).toEqual({ code: 2 })
    expect(attributesIn(spans, 'CreditsGuard')).toEqual({ 'error.type': 'INSUFFICIENT_CREDITS' })
    expect(spans.map(({ name }) => name)).not.toContain('query')
  })

  it('have one of its own for an ingestion, from the worker', async () => {
    await upload(server, ROWS, { dataset: 'transactions' }, { 'content-type': 'text/csv' })
    const publish = await until(async () => {
      const found = collector.spans.find(({ name }) => name === 'ingestion publish')
      expect(collector.spans.filter(({ traceId }) => traceId === found!.traceId).map(({ name }) => name)).toContain(
        'ingestion',
      )
      return found!
    }, 20_000)
    const spans = collector.spans.filter(({ traceId }) => traceId === publish.traceId)
    expect(parentsOf(spans)).toMatchObject({
      ingestion: undefined,
      'ingestion prepare': 'ingestion',
      'ingestion load chunk': 'ingestion',
      'ClickHouse INSERT': 'ingestion load chunk',
      'ingestion publish': 'ingestion',
      'ClickHouse ALTER': 'ingestion publish',
    })
    const root = spans.find(({ name }) => name === 'ingestion')!
    expect([root.service, root.parentSpanId]).toEqual(['a-worker', undefined])
  })

  it('hold no keys, bodies, cells or parameters, and nothing of health checks', async () => {
    const text = JSON.stringify(collector.spans)
    for (const secret of [customer.key, server.rootKey, 'value-of-a-filter', 'cell-of-a-file']) {
      expect(text).not.toContain(secret)
    }
    expect(text).not.toContain('/health')
  })

  it('do not hold the stop up when the collector is away', async () => {
    await query(TRACE_ID.replace(/^4b/, '4e'))
    await collector.stop()
    await customer.query({ measures: ['transactions'] })
    const before = performance.now()
    expect(await server.stop()).toBe(0)
    expect(performance.now() - before).toBeLessThan(10_000)
  })
})

function attributesIn(spans: ReceivedSpan[], wanted: string): ReceivedSpan['attributes'] | undefined {
  return spans.find(({ name }) => name === wanted)?.attributes
}

/** The root ends with its connection, which may be a moment after the response. */
function expectWithin(span: ReceivedSpan, root: ReceivedSpan): void {
  expect(BigInt(span.startTimeUnixNano)).toBeGreaterThanOrEqual(BigInt(root.startTimeUnixNano))
  expect(BigInt(span.endTimeUnixNano)).toBeLessThanOrEqual(BigInt(root.endTimeUnixNano))
}
