import autocannon from 'autocannon'
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { openAsBlob } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { chargeScript, pgbench } from './pgbench.js'
import { count, median, onStage, writeTransactions, type Stage } from './support.js'

const CONNECTIONS = 64

const QUESTION = { dataset: 'transactions', measures: ['revenue', 'transactions'], dimensions: ['category'] }

interface Customer {
  id: string
  key: string
}

/**
 * Paid questions per second, from the cache and not, beside the two things that bound them: a bare Fastify route that
 * returns the same bytes from a process of its own, and pgbench running the statement of one charge on the same
 * PostgreSQL. The bare route and the cached question take turns, so that what else the machine does meets both.
 */
export async function benchQuery(options: { rows: number; seconds: number; rounds: number }): Promise<void> {
  const { rows, seconds, rounds } = options
  const env = { RATE_LIMIT_PER_MINUTE: '1000000', LOG_LEVEL: 'error' }
  await onStage(env, async (stage) => {
    await load(stage, rows)
    const customer = await createCustomer(stage)
    const bytes = await (await ask(stage, customer)).text()
    console.log(
      `${count(rows)} rows, ${CONNECTIONS} connections, ${seconds} s each, answers of ${bytes.length} bytes\n`,
    )
    const { bare, cached } = await takeTurns(stage, customer, bytes, options)
    await run('paid question, not cached', url(stage), seconds, (n) =>
      question(customer, { ...QUESTION, offset: 0, limit: 1 + (n % 40_000) }),
    )
    const script = chargeScript(`'${customer.id}'`)
    const charges = await pgbench(script, { folder: stage.folder, url: stage.engines.postgresUrl, seconds: 2 })
    if (charges)
      line('pgbench: one charge a statement', charges.perSecond, `at its best with ${charges.clients} clients`)
    else console.log('pgbench: skipped, install the Debian package postgresql to compare with it')
    console.log(
      `\ncached / bare Fastify route     ${(median(cached) / median(bare)).toFixed(2)}   (target 0.35; ${rounds} rounds)`,
    )
    if (charges) console.log(`cached / pgbench of one charge  ${(median(cached) / charges.perSecond).toFixed(2)}`)
  })
}

async function takeTurns(
  stage: Stage,
  customer: Customer,
  bytes: string,
  { seconds, rounds }: { seconds: number; rounds: number },
): Promise<{ bare: number[]; cached: number[] }> {
  const route = await startBareRoute(stage, bytes)
  const results = { bare: [] as number[], cached: [] as number[] }
  // The first question of a process compiles its code; neither of the two pays for that.
  await run('warming up', route.url, 1, () => question(customer, QUESTION))
  await run('warming up', url(stage), 2, () => question(customer, QUESTION))
  for (let round = 0; round < rounds; round++) {
    results.bare.push(await run('bare Fastify route', route.url, seconds, () => question(customer, QUESTION)))
    results.cached.push(await run('paid question, cached', url(stage), seconds, () => question(customer, QUESTION)))
  }
  route.process.kill()
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

async function createCustomer({ api }: Stage): Promise<Customer> {
  const response = await fetch(`${api.url}/v1/admin/create-user`, {
    method: 'POST',
    headers: { 'x-api-key': api.key, 'content-type': 'application/json' },
    body: JSON.stringify({ username: 'bench', credits: 100_000_000, rateLimitPerMinute: 1_000_000 }),
  })
  const { user, apiKey } = (await response.json()) as { user: { id: string }; apiKey: string }
  return { id: user.id, key: apiKey }
}

function question(customer: Customer, body: object): { headers: Record<string, string>; body: string } {
  return { headers: { 'x-api-key': customer.key, 'content-type': 'application/json' }, body: JSON.stringify(body) }
}

function ask(stage: Stage, customer: Customer): Promise<Response> {
  return fetch(url(stage), { method: 'POST', ...question(customer, QUESTION) })
}

async function run(
  title: string,
  address: string,
  seconds: number,
  request: (n: number) => { headers: Record<string, string>; body: string },
): Promise<number> {
  let sent = 0
  const result = await autocannon({
    url: address,
    method: 'POST',
    connections: CONNECTIONS,
    duration: seconds,
    requests: [{ setupRequest: (base) => ({ ...base, method: 'POST', ...request(sent++) }) }],
  })
  const failed = result.non2xx + result.errors
  if (failed > 0) throw new Error(`${title}: ${failed} of ${result.requests.total} requests failed`)
  const { p50, p99 } = result.latency
  line(title, result.requests.average, `p50 ${p50} ms, p99 ${p99} ms`)
  return result.requests.average
}

function line(title: string, perSecond: number, note: string): void {
  console.log(`${title.padEnd(34)} ${count(perSecond).padStart(8)} /s   ${note}`)
}
