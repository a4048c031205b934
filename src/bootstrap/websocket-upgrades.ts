import { ServerResponse, type IncomingMessage, type Server } from 'node:http'
import type { Socket } from 'node:net'
import type { NestFastifyApplication } from '@nestjs/platform-fastify'

declare module 'node:http' {
  interface IncomingMessage {
    /** of a request to become a WebSocket: what came behind it already */
    upgradeHead?: Buffer
  }
}

/**
 * Sends requests to become a WebSocket through the same hooks, guards and filters as all others: their handler finds
 * `request.raw.upgradeHead`, and what refuses them is an ordinary answer. Other upgrades are ignored, as HTTP allows:
 * Java's client offers HTTP/2 that way with its first request, and Node would let it wait for ever.
 */
export function routeWebSocketUpgrades(app: NestFastifyApplication): void {
  const fastify = app.getHttpAdapter().getInstance()
  fastify.server.on('upgrade', (request: IncomingMessage, socket: Socket, head: Buffer) => {
    // Node has taken its own listener off.
    socket.on('error', () => socket.destroy())
    if (request.headers.upgrade?.toLowerCase() !== 'websocket') {
      serveWithoutUpgrade(fastify.server, request, socket, head)
      return
    }
    request.upgradeHead = head
    const response = new ServerResponse(request)
    response.shouldKeepAlive = false
    response.assignSocket(socket)
    response.once('finish', () => socket.end())
    fastify.routing(request, response)
  })
}

const HOP_HEADERS = new Set(['upgrade', 'connection', 'http2-settings'])

/** Gives the connection back to the server, with the same request less its wish. */
function serveWithoutUpgrade(server: Server, request: IncomingMessage, socket: Socket, head: Buffer): void {
  const { method, url, httpVersion, rawHeaders } = request
  const lines = [`${method} ${url} HTTP/${httpVersion}`]
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index]!
    if (!HOP_HEADERS.has(name.toLowerCase())) lines.push(`${name}: ${rawHeaders[index + 1]}`)
  }
  socket.removeAllListeners('error')
  socket.unshift(Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1'), head]))
  server.emit('connection', socket)
}
