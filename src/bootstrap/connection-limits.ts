import type { IncomingMessage } from 'node:http'
import { Socket } from 'node:net'
import type { NestFastifyApplication } from '@nestjs/platform-fastify'
import { hasBody } from '../common/http/has-body.js'
import { trustProxyOf, type TrustProxy } from '../common/http/trusted-proxies.js'
import type { Config } from '../config/config.js'
import { refuseUnreadableRequest } from './unreadable-request.js'

/** From the first byte of a request to the end of its headers. */
const HEADERS_MS = 20_000
const SWEEP_MS = 1_000

/** A body on its way. */
interface Arriving {
  request: IncomingMessage
  /** bytes of its connection when it was looked at last */
  bytesRead: number
  /** `performance.now()` of the last byte */
  lastByteAt: number
  startedAt: number
  /** undefined for a body that may take as long as its bytes flow */
  maxMs?: number
}

/**
 * Cuts what holds a connection without using it: headers and bodies that do not come, and more connections of one address
 * than MAX_CONNECTIONS_PER_ADDRESS. Answers may take as long as they like, and an upload as long as its bytes flow.
 */
export function limitConnections(app: NestFastifyApplication, config: Config): void {
  const fastify = app.getHttpAdapter().getInstance()
  const { server } = fastify
  server.headersTimeout = HEADERS_MS
  // By the idle limit instead: it would also cut an upload that takes long.
  server.requestTimeout = 0
  limitPerAddress(server, config.maxConnectionsPerAddress, trustProxyOf(config.trustProxy))

  const bodyIdleMs = config.bodyIdleSeconds * 1000
  // One a connection, which brings one body at a time: the last one takes the place of those before. With one for each
  // request all of the last second would be kept until the next sweep, and outlive the space of young objects.
  const arriving = new Map<Socket, Arriving>()
  fastify.addHook('onRequest', ({ raw, routeOptions }, _reply, done) => {
    const { socket } = raw
    // A call within this process (RestCalls) has no connection.
    if (hasBody(raw.headers) && !raw.complete && socket instanceof Socket) {
      const now = performance.now()
      const maxMs = routeOptions.config?.streamBody ? undefined : bodyIdleMs * 2
      arriving.set(socket, { request: raw, bytesRead: socket.bytesRead, lastByteAt: now, startedAt: now, maxMs })
    }
    done()
  })
  const sweep = setInterval(() => {
    for (const [socket, each] of arriving) {
      if (hasEnded(each.request)) arriving.delete(socket)
      else if (isStalled(each, bodyIdleMs)) cut(each.request)
    }
  }, SWEEP_MS)
  server.once('close', () => clearInterval(sweep))
}

/** Node leaves a request as it is that was answered before the connection of its body ended. */
function hasEnded({ complete, destroyed, socket }: IncomingMessage): boolean {
  return complete || destroyed || socket.destroyed
}

/** Bytes that wait for us to read them are no sign that the sender has stopped. */
function isStalled(body: Arriving, idleMs: number): boolean {
  const { request } = body
  const now = performance.now()
  if (request.socket.bytesRead !== body.bytesRead || request.readableLength > 0) {
    body.bytesRead = request.socket.bytesRead
    body.lastByteAt = now
  }
  return now - body.lastByteAt > idleMs || now - body.startedAt > (body.maxMs ?? Infinity)
}

function cut(request: IncomingMessage): void {
  const { socket } = request
  refuseUnreadableRequest(
    Object.assign(new Error('the body does not come'), { code: 'ERR_HTTP_REQUEST_TIMEOUT' }),
    socket,
  )
  socket.destroySoon()
}

/** A trusted proxy brings the connections of many. */
function limitPerAddress(server: NodeJS.EventEmitter, max: number, isProxy: TrustProxy | false): void {
  const connections = new Map<string, number>()
  server.prependListener('connection', (socket: Socket) => {
    const address = socket.remoteAddress ?? ''
    if (isProxy && isProxy(address, 0)) return
    const count = (connections.get(address) ?? 0) + 1
    if (count > max) return void socket.destroy()
    connections.set(address, count)
    socket.once('close', () => {
      const left = connections.get(address)! - 1
      if (left > 0) connections.set(address, left)
      else connections.delete(address)
    })
  })
}
