// The main flow against a running installation: healthy, loads a file, answers a paid query, charges for it.
//   API_KEY=your-root-key node docker/smoke.mjs http://127.0.0.1:8080
// It leaves the rows of samples/superstore.csv.gz in `transactions` and a user with no credits: run it on an empty system.
import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { setTimeout as sleep } from 'node:timers/promises'

const READY_MS = 60_000
const samples = join(import.meta.dirname, '../samples')
const url = process.argv[2] ?? 'http://127.0.0.1:8080'
const file = process.argv[3] ?? join(samples, 'superstore.csv.gz')
const rootKey = process.env.API_KEY
if (!rootKey) {
  console.error('Set API_KEY to the root key.')
  process.exit(2)
}

const readyMs = await ready()
const mapping = JSON.parse(await readFile(join(samples, 'superstore.mapping.json'), 'utf8'))
const startedAt = performance.now()
const name = file.endsWith('.gz') ? 'superstore.csv.gz' : 'superstore.csv'
const job = await call(
  `/v1/ingestions?wait=true&fileName=${name}&mapping=${encodeURIComponent(JSON.stringify(mapping))}`,
  { type: 'text/csv', body: await readFile(file) },
)
const loadMs = performance.now() - startedAt
assert.deepEqual([job.status, job.rowsRead, job.rowsAccepted, job.rowsRejected], ['succeeded', 10800, 9994, 806])

const { apiKey } = await call('/v1/admin/create-user', { json: { username: `smoke-${Date.now()}`, credits: 1 } })
const query = { dataset: 'transactions', measures: ['revenue', 'items_sold'] }
const { data, credits } = await call('/v1/query', { key: apiKey, json: query })
assert.deepEqual(data, [{ revenue: 2297200.8603, items_sold: 37873 }])
assert.deepEqual(credits, { charged: 1, remaining: 0 })
console.log(
  `Works: ready after ${Math.round(readyMs)} ms, 10800 rows read in ${Math.round(loadMs)} ms (9994 accepted, 806 rejected), a query paid.`,
)

async function ready() {
  for (const start = performance.now(); ; await sleep(200)) {
    const response = await fetch(`${url}/health/ready`).catch(() => undefined)
    if (response?.ok) return performance.now() - start
    if (performance.now() - start > READY_MS) throw new Error(`not ready within ${READY_MS} ms`)
  }
}

async function call(path, { key = rootKey, type = 'application/json', json, body = JSON.stringify(json) }) {
  const headers = { 'x-api-key': key, 'content-type': type }
  const response = await fetch(`${url}${path}`, { method: 'POST', headers, body })
  const text = await response.text()
  assert.ok(response.ok, `${path}: ${response.status} ${text}`)
  return JSON.parse(text)
}
