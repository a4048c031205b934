import type { Frame } from './frames'

export type ConnectionState =
  { status: 'connecting' } | { status: 'live' } | { status: 'waiting'; retryAtMs: number; reason: string }

interface Listener {
  onFrame: (frame: Frame) => void
  onState: (state: ConnectionState) => void
}

const FIRST_PAUSE_MS = 500
const MAX_PAUSE_MS = 15_000
/** A page cannot see the server's pings, so it asks for a sign of life itself. */
const PING_MS = 20_000
const SILENCE_MS = 30_000

const REASONS: Record<number, string> = {
  1001: 'The server is stopping.',
  1008: 'The server refused this session.',
  1013: 'This page was too slow to take what came.',
}

/**
 * A WebSocket that comes back: after a loss it waits, longer each time and never as long as all others do, and begins
 * again with the snapshot that the server sends first. The session's cookie lets it in.
 */
export class LiveConnection {
  private socket?: WebSocket
  private timer?: number
  private pinging?: number
  private failures = 0
  private lastSignMs = 0

  constructor(private readonly listener: Listener) {}

  open(): void {
    window.addEventListener('online', this.retryNow)
    this.connect()
  }

  close(): void {
    window.removeEventListener('online', this.retryNow)
    window.clearTimeout(this.timer)
    this.leave()
  }

  /** At once, in place of the pause that runs. */
  readonly retryNow = (): void => {
    if (!this.socket) this.connect()
  }

  private connect(): void {
    window.clearTimeout(this.timer)
    this.listener.onState({ status: 'connecting' })
    const socket = new WebSocket(`${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/api/ws`)
    this.socket = socket
    this.lastSignMs = performance.now()
    this.pinging = window.setInterval(() => this.ping(), PING_MS)
    socket.onmessage = ({ data }) => this.receive(data as string)
    socket.onclose = ({ code }) => this.lost(REASONS[code] ?? 'The connection is lost.')
  }

  private receive(text: string): void {
    this.lastSignMs = performance.now()
    // Figures of charts: the doubles of JSON.parse do, and it is what keeps up with a burst.
    const frame = JSON.parse(text) as Frame | { type: 'pong' }
    if (frame.type === 'pong') return
    if (frame.type === 'snapshot') {
      this.failures = 0
      this.listener.onState({ status: 'live' })
    }
    this.listener.onFrame(frame)
  }

  private ping(): void {
    if (performance.now() - this.lastSignMs > SILENCE_MS) this.lost('The server is silent.')
    else if (this.socket?.readyState === WebSocket.OPEN) this.socket.send('{"type":"ping"}')
  }

  private lost(reason: string): void {
    this.leave()
    const longest = Math.min(FIRST_PAUSE_MS * 2 ** this.failures++, MAX_PAUSE_MS)
    // Some way below the longest, by chance: not all pages come back to a server that restarts in one moment.
    const pauseMs = longest * (0.5 + Math.random() / 2)
    this.timer = window.setTimeout(() => this.connect(), pauseMs)
    this.listener.onState({ status: 'waiting', retryAtMs: Date.now() + pauseMs, reason })
  }

  private leave(): void {
    window.clearInterval(this.pinging)
    if (!this.socket) return
    this.socket.onmessage = this.socket.onclose = null
    this.socket.close()
    this.socket = undefined
  }
}
