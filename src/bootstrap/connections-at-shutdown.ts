import type { Socket } from 'node:net'
import type { NestFastifyApplication } from '@nestjs/platform-fastify'
import { UnavailableError } from '../common/errors/app-error.js'

const SWEEP_MS = 100

/**
 * While the server closes, requests that have come before are answered, later ones on connections that are open are
 * refused, and connections that have nothing in flight are closed: those that have not brought a whole request yet
 * (browsers and proxies connect ahead of need; Node counts them as busy), and those whose answer has just left. Each would
 * hold up the stop for a minute. Call it after the request log, so that what is refused is logged.
 */
export function endConnectionsAtShutdown(app: NestFastifyApplication): void {
  const fastify = app.getHttpAdapter().getInstance()
  const silent = new Set<Socket>()
  let isClosing = false
  fastify.server.on('connection', (socket) => {
    silent.add(socket)
    socket.once('close', () => silent.delete(socket))
  })
  fastify.server.on('request', ({ socket }) => silent.delete(socket))
  fastify.server.on('upgrade', ({ socket }) => silent.delete(socket))
  fastify.addHook('onRequest', (_request, _reply, done) => {
    done(isClosing ? new UnavailableError('The server is stopping: ask again when it is back.') : undefined)
  })
  fastify.addHook('preClose', async () => {
    isClosing = true
    const sweep = setInterval(() => {
      for (const socket of silent) socket.destroy()
      fastify.server.closeIdleConnections()
    }, SWEEP_MS)
    fastify.server.once('close', () => clearInterval(sweep))
  })
}
