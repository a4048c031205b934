import { descendantsOf } from './processes.js'
import { startServer, type TestServer, type TestServerOptions } from './server.js'

/** Queries cost nothing here, so that the root key can execute as many as it likes. */
export function startEventsServer({ env, ...options }: TestServerOptions = {}): Promise<TestServer> {
  return startServer({ ...options, env: { QUERY_COST_CREDITS: '0', RATE_LIMIT_PER_MINUTE: '1000000', ...env } })
}

export function ingest(server: TestServer, event: unknown, key?: string) {
  return server.json('POST', '/api/ingest', event, key)
}

export function ingestBatch(server: TestServer, events: unknown) {
  return server.json('POST', '/api/ingest/batch', events)
}

/** A body as it is, of any type. */
export async function post(server: TestServer, path: string, body: string | Uint8Array, type = 'application/json') {
  const response = await server.fetch(path, {
    method: 'POST',
    headers: { 'content-type': type },
    body: body as unknown as string,
  })
  return { status: response.status, headers: response.headers, body: (await response.json()) as any }
}

/** The answer's text to a query about events that must succeed. */
export async function executeText(server: TestServer, query: object): Promise<string> {
  const response = await server.fetch('/v1/query', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ dataset: 'events', ...query }),
  })
  const text = await response.text()
  if (response.status !== 200) throw new Error(`the query got ${response.status}: ${text}`)
  return text
}

export async function execute(server: TestServer, query: object): Promise<any> {
  return JSON.parse(await executeText(server, query))
}

/** The process of the embedded ClickHouse. */
export function engineOf(server: TestServer): number {
  const engine = descendantsOf(server.process.pid!).find(({ command }) => command.includes('clickhouse-child'))
  if (!engine) throw new Error('no engine runs')
  return engine.pid
}
