import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Readable } from 'node:stream'

declare module 'fastify' {
  interface FastifyRequest {
    /** set by an answer that goes on for as long as its reader stays: `performance.now()` when it began */
    streamBeganAt?: number
  }
}

/** A reader who takes nothing for so long is gone. */
const STALLED_MS = 60_000

/** Answers with server-sent events; `text` is their text and ends the answer. */
export function sendEventStream(request: FastifyRequest, reply: FastifyReply, text: Readable): void {
  request.streamBeganAt = performance.now()
  const { socket } = request.raw
  // Closed with the stream: a connection that stayed open would keep the server from stopping.
  socket.setTimeout(STALLED_MS, () => socket.destroy())
  void reply
    .headers({ 'content-type': 'text/event-stream; charset=utf-8', 'x-accel-buffering': 'no', connection: 'close' })
    .send(text)
}
