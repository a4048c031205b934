import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Customer } from '../support/customer.js'
import { TestEngines } from '../support/engines.js'
import { event } from '../support/events.js'
import { dashboardQueries } from '../support/grafana.js'
import { startProgram } from '../support/program.js'
import { parseMetrics, valueOf, type MetricFamily } from '../support/prometheus.js'
import { freePort, startServer, type TestServer } from '../support/server.js'
import { until } from '../support/until.js'
import { upload } from '../support/upload.js'

const METRICS_TOKEN = 'scraper-token-5e1d'
const UUID = /[0-9a-f]{8}-[0-9a-f]{4}-/
const ROWS = `TransactionId,TransactionDate,Country,ProductId,Quantity,TotalPrice
a-1,2026-01-01,DE,p-1,1,2.50
a-2,2026-01-02,FR,p-1,3,3.00
a-3,never,FR,p-1,1,1.00
`

// Skipped also where services are required: not every mirror has the package, and parseMetrics checks the format as well.
const hasPromtool = spawnSync('promtool', ['--version']).status === 0
if (!hasPromtool) console.log("Prometheus' own check of the metrics is not run: promtool is not installed")

/** What promtool says of a file with this text. */
const promtool = (check: string, text: string): { status: number | null; output: string } => {
  const folder = mkdtempSync(join(tmpdir(), 'countinghouse-promtool-'))
  const file = join(folder, 'checked.yml')
  writeFileSync(join(folder, 'metrics_token'), METRICS_TOKEN)
  writeFileSync(file, text.replaceAll('/etc/prometheus/', `${folder}/`))
  const { status, stdout, stderr } = spawnSync('promtool', ['check', check, file], { encoding: 'utf8' })
  rmSync(folder, { recursive: true })
  return { status, output: `${stdout}${stderr}` }
}

const scrapeOf = async (url: string): Promise<string> => {
  const response = await fetch(`${url}/metrics`, { headers: { authorization: `Bearer ${METRICS_TOKEN}` } })
  expect(response.status).toBe(200)
  return response.text()
}

describe('metrics', () => {
  let server: TestServer
  let text: string
  let families: Map<string, MetricFamily>

  const value = (name: string, labels?: Record<string, string>): number =>
    valueOf(text, `countinghouse_${name}`, labels)

  beforeAll(async () => {
    server = await startServer({ env: { METRICS_TOKEN, RATE_LIMIT_PER_MINUTE: '100' } })
    const customer = await Customer.create(server, 3)
    await upload(server, ROWS, { dataset: 'transactions' }, { 'content-type': 'text/csv' })
    await upload(server, 'nothing\n', { dataset: 'transactions' }, { 'content-type': 'text/csv' })
    const question = { measures: ['transactions'] }
    for (const each of [question, question, { ...question, dimensions: ['nonsense'] }]) await customer.query(each)
    await customer.query(question, { 'cache-control': 'no-cache' })
    expect((await customer.query(question)).status).toBe(402)
    await server.json('POST', '/api/ingest/batch', [event('click', 1), event('click', 2), { source: 'broken' }])
    await server.fetch('/no/such/path/1')
    await server.fetch('/no/such/path/2')
    // Requests are counted when their connection has seen the end of them.
    await until(async () => {
      text = await scrapeOf(server.url)
      expect([value('queries_total'), value('http_requests_total', { route: 'unmatched' })]).toEqual([5, 2])
    })
    families = parseMetrics(text)
  })
  afterAll(async () => {
    await server?.stop()
  })

  it('count requests by route, method and status, and how long they took', () => {
    const route = '/v1/query'
    expect(value('http_requests_total', { method: 'POST', route, status: '200' })).toBe(3)
    expect(value('http_requests_total', { method: 'POST', route, status: '400' })).toBe(1)
    expect(value('http_requests_total', { method: 'POST', route, status: '402' })).toBe(1)
    expect(value('http_requests_total', { route: 'unmatched', status: '404' })).toBe(2)
    expect(value('http_request_duration_seconds_count', { method: 'POST', route })).toBe(5)
    expect(value('http_request_duration_seconds_bucket', { method: 'POST', route, le: '+Inf' })).toBe(5)
    expect(value('http_request_duration_seconds_sum', { method: 'POST', route })).toBeGreaterThan(0)
  })

  it('count queries by dataset, outcome and what the cache had', () => {
    const dataset = 'transactions'
    expect(value('queries_total', { dataset, outcome: 'succeeded', cache: 'miss' })).toBe(1)
    expect(value('queries_total', { dataset, outcome: 'succeeded', cache: 'hit' })).toBe(1)
    expect(value('queries_total', { dataset, outcome: 'succeeded', cache: 'bypass' })).toBe(1)
    expect(value('queries_total', { dataset, outcome: 'insufficient_credits', cache: 'hit' })).toBe(1)
    expect(value('queries_total', { dataset: 'unknown', outcome: 'invalid', cache: 'none' })).toBe(1)
    expect(value('query_duration_seconds_count', { dataset })).toBe(3)
  })

  it('add up credits', () => {
    expect(value('credits_granted_total')).toBe(3)
    expect(value('credits_charged_total')).toBe(3)
    expect(value('credits_released_total')).toBe(0)
  })

  it('add up what was loaded, and how jobs ended', () => {
    const dataset = 'transactions'
    expect(value('ingestion_rows_total', { dataset, result: 'accepted' })).toBe(2)
    expect(value('ingestion_rows_total', { dataset, result: 'rejected' })).toBe(1)
    expect(value('ingestion_bytes_total', { dataset })).toBe(ROWS.length)
    expect(value('ingestion_jobs_ended_total', { dataset, status: 'succeeded' })).toBe(1)
    expect(value('ingestion_jobs_ended_total', { dataset, status: 'failed' })).toBe(1)
    expect(value('ingestion_duration_seconds_count', { dataset, status: 'succeeded' })).toBe(1)
    expect(families.get('countinghouse_ingestion_jobs')!.samples).toEqual([
      { name: 'countinghouse_ingestion_jobs', labels: { status: 'queued' }, value: 0 },
      { name: 'countinghouse_ingestion_jobs', labels: { status: 'running' }, value: 0 },
    ])
  })

  it('count events, and show what waits', () => {
    expect(value('events_accepted_total')).toBe(2)
    expect(value('events_rejected_total', { reason: 'invalid' })).toBe(1)
    const webhooks = ['webhook_deliveries_pending', 'webhook_oldest_pending_seconds']
    for (const name of ['events_waiting', 'events_waiting_bytes', 'outbox_rows', ...webhooks])
      expect(families.get(`countinghouse_${name}`)!.samples).toMatchObject([{ value: 0 }])
    expect(value('queue_messages', { queue: 'countinghouse.ingestions' })).toBe(0)
    expect(value('live_connections')).toBe(0)
  })

  it('show the engines and the pool', () => {
    for (const engine of ['postgres', 'clickhouse']) {
      expect(value('engine_up', { engine })).toBe(1)
      expect(value('engine_latency_seconds', { engine })).toBeGreaterThan(0)
    }
    expect(value('postgres_pool_connections')).toBeGreaterThan(0)
    expect(value('postgres_pool_max_connections')).toBe(20)
    expect(families.get('countinghouse_postgres_pool_waiting_requests')!.samples).toHaveLength(1)
  })

  it('are named by the rules: a help, a type, _total for counters alone, base units', () => {
    for (const { name, help, type } of families.values()) {
      expect(name).toMatch(/^countinghouse_[a-z0-9_]+$/)
      expect(help.length).toBeGreaterThan(5)
      expect(['counter', 'gauge', 'histogram', 'summary']).toContain(type)
      expect(name.endsWith('_total')).toBe(type === 'counter')
      expect(name).not.toMatch(/_(ms|milliseconds|minutes|kb|mb|megabytes|percent)(_total)?$/)
      if (type === 'histogram') expect(name).toMatch(/_(seconds|bytes)$/)
    }
  })

  it('have labels of which there are few: no ids, no paths that callers make up', () => {
    const labels = [...families.values()].flatMap(({ samples }) => samples.map((sample) => sample.labels))
    for (const text of labels.flatMap(Object.values)) {
      expect(text).not.toMatch(UUID)
      expect(text).not.toContain('/no/such/path')
    }
  })

  it('are all that the dashboard for Grafana asks for, with its labels', () => {
    const queries = dashboardQueries('docker/grafana/countinghouse.json')
    expect(queries.length).toBeGreaterThan(25)
    const missing = queries.flatMap(({ panel, metrics, labels }) => {
      const found = metrics.map((name) => families.get(name) ?? families.get(name.replace(/_bucket$/, '')))
      const known = new Set(
        found.flatMap((family) => family?.samples.flatMap((each) => Object.keys(each.labels)) ?? []),
      )
      return [
        ...metrics.filter((_name, index) => !found[index]).map((name) => `${panel}: ${name}`),
        ...labels.filter((label) => !known.has(label)).map((label) => `${panel}: ${label} of ${metrics.join()}`),
      ]
    })
    expect(missing).toEqual([])
  })

  it.skipIf(!hasPromtool)('are scraped and asked for in words that Prometheus takes', () => {
    const scrape = readFileSync(join(import.meta.dirname, '../../docker/prometheus.yml'), 'utf8')
    expect(promtool('config', scrape)).toMatchObject({ status: 0 })
    const rules = dashboardQueries('docker/grafana/countinghouse.json').map(({ expression }, index) => ({
      record: `dashboard:query_${index}`,
      expr: expression,
    }))
    expect(promtool('rules', JSON.stringify({ groups: [{ name: 'dashboard', rules }] }))).toMatchObject({ status: 0 })
  })

  it.skipIf(!hasPromtool)('pass promtool check metrics', () => {
    const { status, stdout, stderr } = spawnSync('promtool', ['check', 'metrics'], { input: text, encoding: 'utf8' })
    expect(`${stdout}${stderr}`).toBe('')
    expect(status).toBe(0)
  })
})

describe('a worker with METRICS_PORT', () => {
  it('tells its health and its metrics, the latter for the token only', async () => {
    const engines = await TestEngines.start()
    const port = await freePort()
    const env = { ...engines.urls, METRICS_TOKEN, METRICS_PORT: String(port), HOST: '127.0.0.1' }
    const worker = startProgram('worker', { DATA_DIR: engines.dataDir, ...env })
    try {
      await worker.printed(/Waiting for ingestions/)
      const url = `http://127.0.0.1:${port}`
      expect(await (await fetch(`${url}/health/live`)).json()).toEqual({ status: 'ok' })
      expect(await (await fetch(`${url}/health/ready`)).json()).toMatchObject({ status: 'ok' })
      expect((await fetch(`${url}/metrics`)).status).toBe(401)
      expect((await fetch(`${url}/v1/me`)).status).toBe(404)
      expect(valueOf(await scrapeOf(url), 'countinghouse_engine_up')).toBe(2)
    } finally {
      expect(await worker.end()).toBe(0)
      await engines.stop()
    }
  })
})
