// Runs the main flow on the built server with the Node that runs this file: start, load a file, create a customer, ask,
// stop. Used for the Node versions that the test suite does not run on.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { createHash, randomBytes } from 'node:crypto'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

const START_MS = 60_000
const root = join(import.meta.dirname, '..')
const rootKey = `smoke-${randomBytes(24).toString('hex')}`
const dataDir = mkdtempSync(join(tmpdir(), 'countinghouse-smoke-'))
// Embedded PostgreSQL runs as another user when this is root.
chmodSync(dataDir, 0o755)
const port = await freePort()

const server = spawn(process.execPath, [join(root, 'dist/src/main.js')], {
  cwd: root,
  stdio: ['ignore', 'inherit', 'inherit'],
  env: {
    PATH: process.env.PATH,
    HOME: process.env.HOME,
    HOST: '127.0.0.1',
    PORT: String(port),
    DATA_DIR: join(dataDir, 'data'),
    ADMIN_API_KEY: createHash('sha256').update(rootKey).digest('hex'),
  },
})
const exited = once(server, 'exit')

try {
  await ready()
  const job = await call('POST', `/v1/ingestions?wait=true&fileName=superstore.csv.gz&mapping=${superstoreMapping()}`, {
    type: 'text/csv',
    body: readFileSync(join(root, 'samples/superstore.csv.gz')),
  })
  assert.deepEqual([job.status, job.rowsRead, job.rowsAccepted, job.rowsRejected], ['succeeded', 10800, 9994, 806])
  const { apiKey } = await call('POST', '/v1/admin/create-user', { json: { username: 'smoke', credits: 1 } })
  const query = { dataset: 'transactions', measures: ['revenue', 'items_sold'] }
  const { data, credits } = await call('POST', '/v1/query', { key: apiKey, json: query })
  assert.deepEqual(data, [{ revenue: 2297200.8603, items_sold: 37873 }])
  assert.deepEqual(credits, { charged: 1, remaining: 0 })
  server.kill('SIGTERM')
  const [code] = await exited
  assert.equal(code, 0)
  console.log(`The main flow works on Node ${process.version}.`)
} finally {
  server.kill('SIGKILL')
  await exited
  rmSync(dataDir, { recursive: true, force: true })
}

function superstoreMapping() {
  return encodeURIComponent(
    JSON.stringify({
      TransactionId: 'Row ID',
      TransactionDate: { from: 'Order Date', format: 'M/D/YYYY' },
      UserId: 'Customer ID',
      TotalPrice: 'Sales',
    }),
  )
}

async function ready() {
  for (const start = Date.now(); Date.now() - start < START_MS; await sleep(200)) {
    assert.equal(server.exitCode, null, 'the server ended at start')
    const response = await fetch(`http://127.0.0.1:${port}/health/ready`).catch(() => undefined)
    if (response?.ok) return
  }
  throw new Error(`not ready within ${START_MS} ms`)
}

async function call(method, path, { key = rootKey, type = 'application/json', json, body = JSON.stringify(json) }) {
  const headers = { 'x-api-key': key, 'content-type': type }
  const response = await fetch(`http://127.0.0.1:${port}${path}`, { method, headers, body })
  const text = await response.text()
  assert.ok(response.ok, `${method} ${path}: ${response.status} ${text}`)
  return JSON.parse(text)
}

async function freePort() {
  const probe = createServer().listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const { port } = probe.address()
  await new Promise((resolve) => probe.close(resolve))
  return port
}
