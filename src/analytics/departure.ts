import type { FastifyReply } from 'fastify'

/** Aborts when the client closes the connection before his answer has left. */
export function departureOf(reply: FastifyReply): AbortSignal {
  const departure = new AbortController()
  const { raw } = reply
  if (raw.destroyed) departure.abort()
  raw.once('close', () => {
    if (!raw.writableFinished) departure.abort()
  })
  return departure.signal
}
