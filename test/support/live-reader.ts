import { once } from 'node:events'
import { WebSocket } from 'ws'
import type { TestServer } from './server.js'
import { until } from './until.js'

export interface LiveFrame {
  type: 'snapshot' | 'metrics' | 'event' | 'ingestion' | 'dashboard'
  at: string
  data: any
}

/** A client of GET /api/ws. Every message must be one JSON document, or it throws. */
export class LiveReader {
  readonly frames: LiveFrame[] = []
  readonly arrivedMs: number[] = []
  readonly answers: { type: string }[] = []
  closed?: { code: number; reason: string }

  private constructor(readonly socket: WebSocket) {
    socket.on('message', (data) => {
      const message = JSON.parse((data as Buffer).toString())
      if (message.type === 'pong') return void this.answers.push(message)
      this.frames.push(message)
      this.arrivedMs.push(performance.now())
    })
    socket.on('close', (code, reason) => (this.closed = { code, reason: reason.toString() }))
    socket.on('error', () => undefined)
  }

  static async open(server: TestServer, { key = server.rootKey, ticket = '' } = {}): Promise<LiveReader> {
    const query = ticket ? `?ticket=${ticket}` : ''
    const socket = new WebSocket(`${server.url.replace('http', 'ws')}/api/ws${query}`, {
      headers: ticket ? {} : { 'x-api-key': key },
    })
    const reader = new LiveReader(socket)
    await once(socket, 'open')
    return reader
  }

  /** The answer to a connection that is refused. */
  static async refused(server: TestServer, headers: Record<string, string>, query = ''): Promise<Refusal> {
    const socket = new WebSocket(`${server.url.replace('http', 'ws')}/api/ws${query}`, { headers })
    socket.on('error', () => undefined)
    const answer = await Promise.race([
      once(socket, 'unexpected-response').then(([, response]) => response),
      once(socket, 'open').then(() => undefined),
    ])
    if (!answer) throw new Error('the connection was not refused')
    let text = ''
    for await (const chunk of answer) text += chunk
    return { status: answer.statusCode, type: answer.headers['content-type'], body: JSON.parse(text) }
  }

  of(type: LiveFrame['type']): LiveFrame[] {
    return this.frames.filter((frame) => frame.type === type)
  }

  /** The events of all `event` frames, in the order in which they came. */
  get events(): any[] {
    return this.of('event').flatMap(({ data }) => data.events)
  }

  /** The first frame that fits. */
  async frame(fits: (frame: LiveFrame) => boolean): Promise<LiveFrame> {
    return until(async () => {
      const found = this.frames.find(fits)
      if (!found) throw new Error(`not among ${this.frames.map(({ type }) => type).join()}`)
      return found
    })
  }

  snapshot(): Promise<LiveFrame> {
    return this.frame(({ type }) => type === 'snapshot')
  }

  /** What a console would show: the last snapshot and what came behind it. */
  metrics(): any {
    const start = this.frames.findLastIndex(({ type }) => type === 'snapshot')
    const metrics = structuredClone(this.frames[start]!.data.metrics)
    for (const { type, data } of this.frames.slice(start + 1)) {
      if (type === 'metrics') {
        for (const name of ['eventsByType', 'eventsBySource', 'recentValues', 'regions']) {
          Object.assign(metrics[name], data[name])
          for (const key of Object.keys(metrics[name])) if (metrics[name][key] === null) delete metrics[name][key]
        }
        metrics.totalEvents = data.totalEvents
      }
      for (const { type: of, timestamp, values } of type === 'event' ? data.events : [])
        metrics.timeSeries[of] = [...(metrics.timeSeries[of] ?? []), { timestamp, values }].slice(-100)
    }
    return metrics
  }

  async close(): Promise<void> {
    this.socket.close()
    if (this.socket.readyState !== WebSocket.CLOSED) await once(this.socket, 'close')
  }

  untilClosed(timeoutMs?: number): Promise<{ code: number; reason: string }> {
    return until(async () => {
      if (!this.closed) throw new Error('still open')
      return this.closed
    }, timeoutMs)
  }
}

interface Refusal {
  status: number
  type: string
  body: any
}
