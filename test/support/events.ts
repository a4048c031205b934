import type { TestServer } from './server.js'

export interface NewEvent {
  timestamp?: string
  source: string
  type: string
  values: Record<string, string | number | boolean>
}

export const event = (type: string, n: number, more: Record<string, string | number | boolean> = {}): NewEvent => ({
  source: 'test',
  type,
  values: { n, ...more },
})

/** Sends them in one request; they are durable when it resolves. */
export async function send(server: TestServer, events: NewEvent[], key?: string): Promise<void> {
  const { status, body } = await server.json('POST', '/api/ingest/batch', events, key)
  if (status !== 200 || body.accepted !== events.length) throw new Error(`${status}: ${JSON.stringify(body)}`)
}

export async function metricsOf(server: TestServer): Promise<any> {
  const { status, body } = await server.json('GET', '/api/metrics')
  if (status !== 200) throw new Error(`${status}: ${JSON.stringify(body)}`)
  return body
}

/** Without what moves by itself. */
export const steady = ({ eventsPerSecond: _rate, at: _at, ...rest }: any): any => rest
