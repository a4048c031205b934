import { once } from 'node:events'
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import pg from 'pg'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { dataSourceOptions } from './data-source-options.js'
import { PostgresClient } from './postgres-client.js'

const message = (type: string, body: Buffer): Buffer => {
  const length = Buffer.alloc(4)
  length.writeInt32BE(body.length + 4)
  return Buffer.concat([Buffer.from(type), length, body])
}
const AUTHENTICATED = message('R', Buffer.alloc(4))
const READY = message('Z', Buffer.from('I'))
const SHUTDOWN = message('E', Buffer.from('SFATAL\0C57P01\0Mterminating connection due to administrator command\0\0'))

/** PostgreSQL's side of the protocol at its edges, where no real server can be stopped at will. */
describe('a connection that PostgreSQL ends', () => {
  let server: Server
  let sockets: Socket[]
  let farewell: Buffer
  let url: string

  beforeEach(async () => {
    sockets = []
    server = createServer((socket) => {
      sockets.push(socket)
      socket.on('error', () => undefined).once('data', () => socket.write(farewell))
    }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    url = `postgres://app@127.0.0.1:${(server.address() as AddressInfo).port}/app`
  })
  afterEach(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })

  const ended = async (client: pg.ClientBase): Promise<void> => {
    const end = new Promise((resolve) => client.once('end', resolve))
    for (const socket of sockets) socket.end()
    await end
  }

  // An uncaught exception fails the whole run.
  it.each([
    ['after it was opened', () => Buffer.concat([AUTHENTICATED, READY])],
    ['in the read that opened it', () => Buffer.concat([AUTHENTICATED, READY, SHUTDOWN])],
  ])('%s ends no process, alone or of the pool, and the next statement tells', async (_when, bytes) => {
    farewell = bytes()
    const client = new PostgresClient(url)
    await client.connect()
    await ended(client)
    await expect(client.query('SELECT 1')).rejects.toThrow()

    const { extra } = dataSourceOptions(url, 1)
    const pool = new pg.Pool({ connectionString: url, max: 1, ...(extra as pg.PoolConfig) })
    const pooled = await pool.connect()
    await ended(pooled)
    await expect(pooled.query('SELECT 1')).rejects.toThrow()
    pooled.release(true)
    await pool.end()
  })
})
