import { Injectable } from '@nestjs/common'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { WebSocketServer, type WebSocket } from 'ws'
import { AppError } from '../common/errors/app-error.js'

/** Clients have little to say. */
const MAX_MESSAGE_BYTES = 4 * 1024

/** Makes WebSockets of requests. */
@Injectable()
export class LiveSockets {
  private readonly server = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    maxPayload: MAX_MESSAGE_BYTES,
    // Frames are shared by all readers; compressing them for each would cost more than the bytes.
    perMessageDeflate: false,
  })

  /** Throws while an ordinary answer is possible; afterwards the connection is the socket's. */
  upgrade(request: FastifyRequest, reply: FastifyReply): WebSocket {
    const { raw } = request
    if (!raw.upgradeHead) throw badHandshake('Open a WebSocket here: the request lacks the upgrade.')
    ensureSameOrigin(request)
    let failure: Error | undefined
    let opened: WebSocket | undefined
    const onFailure = (error: Error): void => void (failure = error)
    this.server.once('wsClientError', onFailure)
    // Both are called before it returns.
    this.server.handleUpgrade(raw, raw.socket, raw.upgradeHead, (socket) => (opened = socket))
    this.server.off('wsClientError', onFailure)
    if (!opened) throw badHandshake(failure?.message ?? 'The connection is gone.')
    this.endResponse(reply)
    return opened
  }

  /** The answer was 101 and is complete, which the request log learns in this way. */
  private endResponse(reply: FastifyReply): void {
    reply.hijack()
    reply.raw.statusCode = 101
    reply.raw.detachSocket(reply.request.raw.socket)
    reply.raw.emit('close')
  }
}

/**
 * A browser sends the session's cookie along to whoever asks it to: only a page of this very host may. Who shows a key or a
 * ticket has been given it.
 */
function ensureSameOrigin({ headers, ticketPrincipal, host }: FastifyRequest): void {
  if (ticketPrincipal || headers['x-api-key'] !== undefined || headers.authorization !== undefined) return
  const { origin } = headers
  if (origin && URL.canParse(origin) && new URL(origin).host === host) return
  throw new AppError('FORBIDDEN', 'A WebSocket with a session must be opened by a page of this server.')
}

function badHandshake(message: string): AppError {
  return new AppError('VALIDATION_FAILED', message, { headers: { upgrade: 'websocket' } })
}
