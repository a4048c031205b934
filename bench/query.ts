import autocannon from 'autocannon'
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { openAsBlob } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { chargeScript, pgbench, type PgbenchResult } from './pgbench.js'
import {
  count,
  median,
  onStage,
  processorSecondsOf,
  processorSecondsOfChildren,
  writeTransactions,
  type Stage,
} from './support.js'

/** A few callers, and many: charges that are under way together share a statement, so more callers cost less each. */
const CONNECTIONS = [64, 256]

const QUERY = { dataset: 'transactions', measures: ['revenue', 'transactions'], dimensions: ['category'] }

/** Every row has a category, so the response is the same: it differs by what the policy costs alone. */
const ACCESS = {
  datasets: {
    transactions: {
      members: ['category', 'revenue', 'transactions'],
      filters: [{ member: 'category', operator: 'set' }],
    },
  },
}

interface Customer {
  id: string
  key: string
  /** the key of the same account that has the access policy */
  restrictedKey: string
}

interface Options {
  rows: number
  seconds: number
  rounds: number
}

interface Request {
  headers: Record<string, string>
  body: string
}

interface Load {
  title: string
  address: string
  request: (n: number) => Request
}

/** Answers a second, and microseconds of the API's processor time for one. */
interface Speed {
  perSecond: number
  apiMicroseconds: number
}

/** Of each round. */
interface Result {
  connections: number
  bare: Speed[]
  cached: Speed[]
  restricted: Speed[]
}

/**
 * Paid queries per second, from the cache and not, beside the two things that bound them: a bare Fastify route that
 * returns the same bytes from a process of its own, and pgbench running the statement of one charge on the same
 * PostgreSQL. The bare route, the cached query and the same query by a key with an access policy take turns, so that what
 * else the machine does meets all three.
 */
export async function benchQuery(options: Options): Promise<void> {
  const { rows, seconds } = options
  const env = { RATE_LIMIT_PER_MINUTE: '1000000', QUERIES_IN_FLIGHT_PER_USER: '1000', LOG_LEVEL: 'error' }
  await onStage(env, async (stage) => {
    await load(stage, rows)
    const customer = await createCustomer(stage)
    const bytes = await (await execute(stage, customer)).text()
    console.log(`${count(rows)} rows, ${seconds} s each, answers of ${bytes.length} bytes\n`)
    const results = await takeTurns(stage, customer, bytes, options)
    const fresh: Load = {
      title: 'paid query, not cached',
      address: url(stage),
      request: (n) => queryRequest(customer.key, { ...QUERY, offset: 0, limit: 1 + (n % 40_000) }),
    }
    await run(stage, fresh, CONNECTIONS[0]!, seconds)
    const script = chargeScript(`'${customer.id}'`)
    const charges = await pgbench(script, { folder: stage.folder, url: stage.engines.postgresUrl, seconds: 2 })
    if (charges)
      line('pgbench: one charge a statement', charges.perSecond, `at its best with ${charges.clients} clients`)
    else console.log('pgbench: skipped, install the Debian package postgresql to compare with it')
    report(results, charges)
  })
}

function report(results: Result[], charges: PgbenchResult | undefined): void {
  console.log()
  for (const { connections, bare, cached, restricted } of results) {
    const ratio = (speedOf(cached) / speedOf(bare)).toFixed(2)
    console.log(`cached / bare Fastify route, ${connections} connections`.padEnd(50), ratio, '  (target 0.35)')
    const kept = (speedOf(restricted) / speedOf(cached)).toFixed(2)
    const times = `(target 0.95)   API ${effortOf(restricted)} and ${effortOf(cached)} µs`
    console.log(`with an access policy / without, ${connections} connections`.padEnd(50), kept, ` ${times}`)
  }
  const best = Math.max(...results.map(({ cached }) => speedOf(cached)))
  if (charges)
    console.log('cached at its best / pgbench of one charge'.padEnd(50), (best / charges.perSecond).toFixed(2))
}

function speedOf(rounds: Speed[]): number {
  return median(rounds.map(({ perSecond }) => perSecond))
}

function effortOf(rounds: Speed[]): string {
  return median(rounds.map(({ apiMicroseconds }) => apiMicroseconds)).toFixed(1)
}

async function takeTurns(stage: Stage, customer: Customer, bytes: string, options: Options): Promise<Result[]> {
  const route = await startBareRoute(stage, bytes)
  const request = (): Request => queryRequest(customer.key, QUERY)
  const bare: Load = { title: 'bare Fastify route', address: route.url, request }
  const cached: Load = { title: 'paid query, cached', address: url(stage), request }
  const restricted: Load = {
    title: 'the same with a policy',
    address: url(stage),
    request: () => queryRequest(customer.restrictedKey, QUERY),
  }
  // The first query of a process compiles its code; none of them pays for that.
  for (const load of [bare, cached, restricted]) await run(stage, { ...load, title: 'warming up' }, CONNECTIONS[0]!, 2)
  const results: Result[] = []
  for (const connections of CONNECTIONS) {
    const result: Result = { connections, bare: [], cached: [], restricted: [] }
    for (let round = 0; round < options.rounds; round++) {
      result.bare.push(await run(stage, bare, connections, options.seconds))
      result.cached.push(await run(stage, cached, connections, options.seconds))
      result.restricted.push(await run(stage, restricted, connections, options.seconds))
    }
    results.push(result)
  }
  route.process.kill()
  // What it has used is no longer counted from then on.
  await once(route.process, 'exit')
  return results
}

async function startBareRoute({ folder }: Stage, bytes: string): Promise<{ url: string; process: ChildProcess }> {
  const path = join(folder, 'answer.json')
  await writeFile(path, bytes)
  const child = spawn(process.execPath, [join(import.meta.dirname, 'bare-route.js'), path], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const [address] = (await once(child.stdout, 'data')) as [Buffer]
  return { url: address.toString().trim(), process: child }
}

function url({ api }: Stage): string {
  return `${api.url}/v1/query`
}

async function load({ api, folder }: Stage, rows: number): Promise<void> {
  const path = join(folder, 'transactions.csv')
  await writeTransactions(path, rows)
  const response = await fetch(`${api.url}/v1/ingestions?wait=true&fileName=transactions.csv`, {
    method: 'POST',
    headers: { 'x-api-key': api.key, 'content-type': 'text/csv' },
    body: await openAsBlob(path),
  })
  if (!response.ok) throw new Error(await response.text())
}

async function createCustomer(stage: Stage): Promise<Customer> {
  const account = { username: 'bench', credits: 100_000_000, rateLimitPerMinute: 1_000_000 }
  const { user, apiKey } = await create<{ user: { id: string }; apiKey: string }>(stage, 'create-user', account)
  const restricted = await create<{ apiKey: string }>(stage, `users/${user.id}/keys`, { access: ACCESS })
  return { id: user.id, key: apiKey, restrictedKey: restricted.apiKey }
}

async function create<T>({ api }: Stage, path: string, body: object): Promise<T> {
  const response = await fetch(`${api.url}/v1/admin/${path}`, { method: 'POST', ...queryRequest(api.key, body) })
  if (!response.ok) throw new Error(await response.text())
  return (await response.json()) as T
}

function queryRequest(key: string, body: object): Request {
  return { headers: { 'x-api-key': key, 'content-type': 'application/json' }, body: JSON.stringify(body) }
}

function execute(stage: Stage, { key }: Customer): Promise<Response> {
  return fetch(url(stage), { method: 'POST', ...queryRequest(key, QUERY) })
}

async function run(
  { api }: Stage,
  { title, address, request }: Load,
  connections: number,
  seconds: number,
): Promise<Speed> {
  let sent = 0
  const before = processorSeconds(api.pid)
  const result = await autocannon({
    url: address,
    method: 'POST',
    connections,
    duration: seconds,
    requests: [{ setupRequest: (base) => ({ ...base, method: 'POST', ...request(sent++) }) }],
  })
  const failed = result.non2xx + result.errors
  if (failed > 0) throw new Error(`${title}: ${failed} of ${result.requests.total} requests failed`)
  const { p50, p99 } = result.latency
  const after = processorSeconds(api.pid)
  const used = (who: keyof typeof after): number => ((after[who] - before[who]) / result.requests.total) * 1e6
  const shares = `API ${used('api').toFixed(0)} µs, others ${used('others').toFixed(0)}, load ${used('load').toFixed(0)}`
  line(`${title}, ${connections} connections`, result.requests.average, `p50 ${p50} ms, p99 ${p99} ms; ${shares}`)
  return { perSecond: result.requests.average, apiMicroseconds: used('api') }
}

/** Of the API, of this process, which makes the load, and of all other children: the engines and the bare route. */
function processorSeconds(apiPid: number): { api: number; others: number; load: number } {
  const { user, system } = process.cpuUsage()
  const api = processorSecondsOf(apiPid)
  return { api, others: processorSecondsOfChildren() - api, load: (user + system) / 1e6 }
}

function line(title: string, perSecond: number, note: string): void {
  console.log(`${title.padEnd(42)} ${count(perSecond).padStart(8)} /s   ${note}`)
}
