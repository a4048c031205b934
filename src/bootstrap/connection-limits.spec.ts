import { fastify, type FastifyInstance } from 'fastify'
import type { NestFastifyApplication } from '@nestjs/platform-fastify'
import { once } from 'node:events'
import { connect, type AddressInfo, type Socket } from 'node:net'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import type { Config } from '../config/config.js'
import { limitConnections } from './connection-limits.js'

const LIMITS = { maxConnectionsPerAddress: 10, trustProxy: '0', bodyIdleSeconds: 0 }
const HALF_A_BODY = 'POST / HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 1000\r\n\r\n{"a'
const WHOLE_BODY = 'POST / HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}'

let server: FastifyInstance
const accepted: Socket[] = []

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
  server = fastify()
  server.server.on('connection', (socket) => accepted.push(socket))
  limitConnections(
    { getHttpAdapter: () => ({ getInstance: () => server }) } as unknown as NestFastifyApplication,
    LIMITS as unknown as Config,
  )
  server.post('/', () => ({}))
})

afterEach(async () => {
  vi.useRealTimers()
  await server.close()
})

async function connected(): Promise<Socket> {
  await server.listen()
  const client = connect((server.server.address() as AddressInfo).port, '127.0.0.1')
  await once(client, 'connect')
  return client
}

it('forgets a body whose connection ended when the request was answered already', async () => {
  server.addHook('onRequest', (_request, _reply, done) => done(new Error('refused before its body is read')))
  const client = await connected()
  client.write(HALF_A_BODY)
  await once(client, 'data')
  const socket = accepted.at(-1)
  client.destroy()
  await new Promise((done) => socket!.once('close', done))
  const sweeps = 12
  vi.advanceTimersByTime(sweeps * 1_000)
  expect(socket!.listenerCount('finish')).toBe(0)
})

it('cuts a body that does not come on a connection that has brought another one before', async () => {
  const client = await connected()
  client.write(WHOLE_BODY)
  expect(String((await once(client, 'data'))[0])).toContain('200 OK')
  client.write(HALF_A_BODY)
  const answer = once(client, 'data')
  while (accepted.at(-1)!.bytesRead < WHOLE_BODY.length + HALF_A_BODY.length) await nextTurn()
  // The first look may find that bytes have come.
  for (let sweep = 0; sweep < 2; sweep++) {
    await nextTurn()
    vi.advanceTimersByTime(1_000)
  }
  expect(String((await answer)[0])).toContain('408')
})
