import type { Socket } from 'node:net'
import type { NestFastifyApplication } from '@nestjs/platform-fastify'

const SWEEP_MS = 100

/**
 * Closes, while the server closes, the connections that have not brought a whole request yet: browsers and proxies connect
 * ahead of need. Node counts them as busy, and each would hold up the stop for a minute.
 */
export function closeSilentConnectionsAtShutdown(app: NestFastifyApplication): void {
  const fastify = app.getHttpAdapter().getInstance()
  const silent = new Set<Socket>()
  fastify.server.on('connection', (socket) => {
    silent.add(socket)
    socket.once('close', () => silent.delete(socket))
  })
  fastify.server.on('request', ({ socket }) => silent.delete(socket))
  fastify.server.on('upgrade', ({ socket }) => silent.delete(socket))
  fastify.addHook('preClose', async () => {
    const sweep = setInterval(() => {
      for (const socket of silent) socket.destroy()
    }, SWEEP_MS)
    fastify.server.once('close', () => clearInterval(sweep))
  })
}
