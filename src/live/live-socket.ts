import type { FastifyRequest } from 'fastify'
import type { RawData, WebSocket } from 'ws'
import { CLOSE_REASONS, LiveClient, MAX_UNTAKEN_BYTES, type CloseReason } from './live-client.js'
import { FRAME_TYPES, type Frame, type FrameType } from './live-frame.js'

/** After a good-bye, a peer that takes nothing is cut. */
const CLOSE_TIMEOUT_MS = 1_000
const MAX_MESSAGES_PER_BEAT = 300

/** A reader over a WebSocket. */
export class LiveSocket extends LiveClient {
  private isAlive = true
  private messages = 0

  constructor(
    private readonly socket: WebSocket,
    request: FastifyRequest,
  ) {
    super(request)
    socket.on('pong', () => (this.isAlive = true))
    socket.on('message', (data, isBinary) => this.receive(data, isBinary))
    // ws closes by itself after an error, such as a message that is too large (1009).
    socket.on('error', () => undefined)
  }

  override send(frame: Frame): void {
    if (this.socket.readyState !== this.socket.OPEN) return
    if (this.socket.bufferedAmount > MAX_UNTAKEN_BYTES) this.close('slow')
    else this.socket.send(frame.json, { binary: false })
  }

  override beat(): void {
    if (!this.isAlive) return this.cut()
    this.isAlive = false
    this.messages = 0
    this.socket.ping()
  }

  override close(closeReason: CloseReason): void {
    const { code, reason } = CLOSE_REASONS[closeReason]
    this.end(code, reason)
  }

  override cut(): void {
    this.socket.terminate()
  }

  override onGone(listener: () => void): void {
    this.socket.once('close', listener)
  }

  private end(code: number, reason: string): void {
    this.socket.close(code, reason)
    setTimeout(() => this.cut(), CLOSE_TIMEOUT_MS).unref()
  }

  private receive(data: RawData, isBinary: boolean): void {
    if (++this.messages > MAX_MESSAGES_PER_BEAT) return this.end(1008, 'too many messages')
    if (isBinary) return this.end(1003, 'messages are JSON text')
    const message = parsed(data)
    if (!message) return this.end(1007, 'a message must be a JSON object')
    if (message.type === 'ping') return this.reply({ type: 'pong', at: new Date().toISOString() })
    if (message.type !== 'subscribe') return this.end(1008, 'unknown message; there are ping and subscribe')
    if (!isFrameTypes(message.frames)) return this.end(1008, `frames must be an array of ${FRAME_TYPES.join(', ')}`)
    this.wanted = new Set(message.frames)
  }

  private reply(message: object): void {
    if (this.socket.bufferedAmount < MAX_UNTAKEN_BYTES) this.socket.send(JSON.stringify(message))
  }
}

function parsed(data: RawData): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse((data as Buffer).toString('utf8'))
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined
  } catch {
    return undefined
  }
}

function isFrameTypes(value: unknown): value is FrameType[] {
  return Array.isArray(value) && value.every((each) => (FRAME_TYPES as readonly unknown[]).includes(each))
}
