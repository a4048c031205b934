import autocannon from 'autocannon'
import { execFileSync } from 'node:child_process'
import { existsSync, openAsBlob, readdirSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import Fastify from 'fastify'
import { count, onStage, writeTransactions, type Stage } from './support.js'

const CONNECTIONS = 32

const QUESTION = { dataset: 'transactions', measures: ['revenue', 'transactions'], dimensions: ['category'] }

interface Customer {
  id: string
  key: string
}

/**
 * Paid questions per second, from the cache and not, beside the two things that bound them: a bare Fastify route that
 * returns the same bytes, and pgbench running the statement of one charge on the same PostgreSQL.
 */
export async function benchQuery({ rows, seconds }: { rows: number; seconds: number }): Promise<void> {
  const env = { RATE_LIMIT_PER_MINUTE: '1000000', LOG_LEVEL: 'error' }
  await onStage(env, async (stage) => {
    await load(stage, rows)
    const customer = await createCustomer(stage)
    const bytes = await (await ask(stage, customer)).text()
    console.log(
      `${count(rows)} rows, ${CONNECTIONS} connections, ${seconds} s each, answers of ${bytes.length} bytes\n`,
    )
    const bare = await bareRoute(bytes, seconds)
    const cached = await run('paid question, cached', url(stage), seconds, () => question(customer, QUESTION))
    await run('paid question, not cached', url(stage), seconds, (n) =>
      question(customer, { ...QUESTION, offset: 0, limit: 1 + (n % 40_000) }),
    )
    const charges = await pgbench(stage, customer, seconds)
    console.log(`\ncached / bare Fastify route     ${(cached / bare).toFixed(2)}`)
    if (charges) console.log(`cached / pgbench of one charge  ${(cached / charges).toFixed(2)}`)
  })
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

async function bareRoute(bytes: string, seconds: number): Promise<number> {
  const fastify = Fastify()
  fastify.post('/', (_request, reply) => reply.type('application/json').send(bytes))
  const address = await fastify.listen({ port: 0, host: '127.0.0.1' })
  const perSecond = await run('bare Fastify route, same bytes', address, seconds, () => ({
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(QUESTION),
  }))
  await fastify.close()
  return perSecond
}

/** autocannon in a worker thread, so that the load does not share the event loop with a server in this process. */
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
  console.log(`${title.padEnd(34)} ${count(result.requests.average).padStart(8)} /s   p50 ${p50} ms, p99 ${p99} ms`)
  return result.requests.average
}

async function pgbench({ engines, folder }: Stage, customer: Customer, seconds: number): Promise<number | undefined> {
  const binary = findPgbench()
  if (!binary) {
    console.log('pgbench                            skipped: install the Debian package postgresql to compare with it')
    return undefined
  }
  const script = join(folder, 'charge.sql')
  await writeFile(
    script,
    `SELECT * FROM credits_charge(ARRAY[gen_random_uuid()], ARRAY['${customer.id}'::uuid], ARRAY[1::bigint],
       ARRAY[gen_random_uuid()::text], ARRAY['pgbench'], ARRAY[false], gen_random_uuid(), NULL);\n`.replaceAll(
      '\n       ',
      ' ',
    ),
  )
  const host = new URL(engines.postgresUrl.replace('@/', '@localhost/')).searchParams.get('host')!
  const best = [1, 4, 8, 16].map((clients) => {
    const text = execFileSync(
      binary,
      [
        '-n',
        '-M',
        'prepared',
        '-f',
        script,
        '-c',
        String(clients),
        '-j',
        '2',
        '-T',
        String(Math.ceil(seconds / 2)),
        '-h',
        host,
        '-U',
        'app',
        'postgres',
      ],
      { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] },
    )
    return { clients, perSecond: Number(/tps = ([\d.]+)/.exec(text)?.[1]) }
  })
  const top = best.reduce((a, b) => (b.perSecond > a.perSecond ? b : a))
  console.log(
    `${'pgbench: one charge a statement'.padEnd(34)} ${count(top.perSecond).padStart(8)} /s   at its best with ${top.clients} clients`,
  )
  return top.perSecond
}

/** Where Debian's packages put it. */
function findPgbench(): string | undefined {
  const root = '/usr/lib/postgresql'
  const versions = existsSync(root) ? readdirSync(root) : []
  return versions.map((version) => join(root, version, 'bin/pgbench')).find((path) => existsSync(path))
}
