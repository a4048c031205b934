import { fastify, type FastifyInstance } from 'fastify'
import type { NestFastifyApplication } from '@nestjs/platform-fastify'
import { once } from 'node:events'
import { connect, type AddressInfo, type Socket } from 'node:net'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import type { Config } from '../config/config.js'
import { limitConnections } from './connection-limits.js'

const LIMITS = { maxConnectionsPerAddress: 10, trustProxy: '0', bodyIdleSeconds: 0 }
const HALF_A_BODY = 'POST / HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 1000\r\n\r\n{"a'

let server: FastifyInstance
const accepted: Socket[] = []

beforeEach(async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
  server = fastify()
  server.server.on('connection', (socket) => accepted.push(socket))
  limitConnections(
    { getHttpAdapter: () => ({ getInstance: () => server }) } as unknown as NestFastifyApplication,
    LIMITS as unknown as Config,
  )
  server.addHook('onRequest', (_request, _reply, done) => done(new Error('refused before its body is read')))
  server.post('/', () => ({}))
  await server.listen()
})

afterEach(async () => {
  vi.useRealTimers()
  await server.close()
})

it('forgets a body whose connection ended when the request was answered already', async () => {
  const client = connect((server.server.address() as AddressInfo).port, '127.0.0.1', () => client.write(HALF_A_BODY))
  await once(client, 'data')
  const [socket] = accepted
  client.destroy()
  await new Promise((done) => socket!.once('close', done))
  const sweeps = 12
  vi.advanceTimersByTime(sweeps * 1_000)
  expect(socket!.listenerCount('finish')).toBe(0)
})
