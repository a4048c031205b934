import type { FastifyReply, FastifyRequest } from 'fastify'
import { Readable } from 'node:stream'
import { sendEventStream } from '../common/http/event-stream.js'
import { LiveClient, MAX_UNTAKEN_BYTES, type CloseReason } from './live-client.js'
import type { Frame } from './live-frame.js'

/** A reader of server-sent events. Its browser connects again by itself, and then begins with a snapshot. */
export class LiveEventStream extends LiveClient {
  private readonly text = new Readable({ read: () => undefined })
  private hasEnded = false

  constructor(
    request: FastifyRequest,
    private readonly reply: FastifyReply,
  ) {
    super(request)
    // Something at once, so that the headers go out.
    this.text.push('retry: 1000\n\n')
    sendEventStream(request, reply, this.text)
  }

  override send(frame: Frame): void {
    if (this.hasEnded) return
    if (this.text.readableLength + this.reply.raw.writableLength > MAX_UNTAKEN_BYTES) this.cut()
    else this.text.push(frame.serverSentEvent)
  }

  override beat(): void {
    if (!this.hasEnded) this.text.push(': still here\n\n')
  }

  /** The stream just ends: server-sent events know no reason. A reader who is behind would never see the end. */
  override close(closeReason: CloseReason): void {
    if (closeReason === 'slow') this.cut()
    else if (!this.hasEnded) this.text.push(null)
    this.hasEnded = true
  }

  override cut(): void {
    this.request.raw.socket.destroy()
  }

  override onGone(listener: () => void): void {
    this.reply.raw.once('close', listener)
  }
}
