import { once } from 'node:events'
import { openAsBlob } from 'node:fs'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { FLOODS, type FloodInput, type FloodKind, type FloodOutcome } from './fairness-floods.js'
import { count, onStage, quantile, sleep, writeTransactions, type Stage } from './support.js'

/** What another caller may notice of a flood, at the 99th percentile. */
const MAX_QUERY_MS = 250
const MAX_HEALTH_MS = 100

const QUERY = { dataset: 'transactions', measures: ['revenue', 'transactions'], dimensions: ['category'] }
const QUERY_EVERY_MS = 20
const HEALTH_EVERY_MS = 50
/** A flood has begun by then. */
const BEGIN_MS = 500

interface Options {
  rows: number
  seconds: number
  only?: string
}

interface Measured {
  queries: number[]
  health: number[]
  failures: number
}

/**
 * Floods of each kind by one caller, while the cached query of another is measured, and /health/live. Each flood has an
 * account of its own, whose rate limit is no help: the shares must be.
 */
export async function benchFairness({ rows, seconds, only }: Options): Promise<void> {
  const env = { RATE_LIMIT_PER_MINUTE: '1000000', LOG_LEVEL: 'fatal', QUERY_CACHE_TTL_SECONDS: '86400' }
  const kinds = (only?.split(',') ?? Object.keys(FLOODS)) as FloodKind[]
  let isFair = true
  await onStage({ ...env, QUERY_TIMEOUT_SECONDS: '5' }, async (stage) => {
    await load(stage, rows)
    const victim = await createUser(stage, 'victim')
    await execute(stage, victim)
    console.log(`${count(rows)} rows, ${seconds} s each; milliseconds\n`)
    report('nobody else', await measure(stage, victim, seconds), {})
    for (const kind of kinds) {
      const flooder = await createUser(stage, kind)
      const { measured, outcome } = await whileFlooded(
        stage,
        victim,
        { kind, url: stage.api.url, key: flooder },
        seconds,
      )
      isFair = report(FLOODS[kind].title, measured, outcome) && isFair
      await quiet(stage, victim)
    }
  })
  console.log(
    isFair ? '\nfair' : `\nNOT FAIR: a query over ${MAX_QUERY_MS} ms or /health/live over ${MAX_HEALTH_MS} ms`,
  )
  if (!isFair) process.exitCode = 1
}

async function whileFlooded(stage: Stage, victim: string, input: FloodInput, seconds: number) {
  const flood = new Worker(join(import.meta.dirname, 'fairness-floods.js'), { workerData: input })
  try {
    await Promise.race([sleep(BEGIN_MS), once(flood, 'error')])
    const measured = await measure(stage, victim, seconds)
    flood.postMessage('stop')
    const [outcome] = (await once(flood, 'message')) as [FloodOutcome]
    return { measured, outcome }
  } finally {
    await flood.terminate()
  }
}

async function measure(stage: Stage, victim: string, seconds: number): Promise<Measured> {
  const endsAt = performance.now() + seconds * 1000
  const measured: Measured = { queries: [], health: [], failures: 0 }
  const repeated = async (everyMs: number, times: number[], work: () => Promise<boolean>): Promise<void> => {
    while (performance.now() < endsAt) {
      const startedAt = performance.now()
      if (!(await work())) measured.failures++
      times.push(performance.now() - startedAt)
      await sleep(everyMs)
    }
  }
  await Promise.all([
    repeated(QUERY_EVERY_MS, measured.queries, () => execute(stage, victim)),
    repeated(HEALTH_EVERY_MS, measured.health, async () => (await fetch(`${stage.api.url}/health/live`)).ok),
  ])
  return measured
}

/** Whether it was fair. */
function report(title: string, { queries, health, failures }: Measured, outcome: FloodOutcome): boolean {
  const [p50, p99, most] = [quantile(queries, 0.5), quantile(queries, 0.99), Math.max(...queries)]
  const [healthP99, healthMost] = [quantile(health, 0.99), Math.max(...health)]
  const isFair = p99 <= MAX_QUERY_MS && healthP99 <= MAX_HEALTH_MS && failures === 0
  const figures = [p50, p99, most].map((ms) => ms.toFixed(0).padStart(5)).join('')
  const healthFigures = [healthP99, healthMost].map((ms) => ms.toFixed(0).padStart(5)).join('')
  const answers = Object.entries(outcome).map(([answer, times]) => `${answer} ${count(times)}`)
  console.log(
    `${isFair ? 'ok  ' : 'FAIL'} ${title.padEnd(58)} query p50 p99 max ${figures} of ${String(queries.length).padStart(4)}` +
      `  live p99 max ${healthFigures}  ${failures > 0 ? `${failures} failed  ` : ''}${answers.join(', ')}`,
  )
  return isFair
}

/** The next flood begins when this one is over. */
async function quiet(stage: Stage, victim: string): Promise<void> {
  for (let calm = 0, round = 0; calm < 5 && round < 100; round++) {
    const startedAt = performance.now()
    await execute(stage, victim)
    calm = performance.now() - startedAt < 50 ? calm + 1 : 0
    await sleep(100)
  }
}

async function execute({ api }: Stage, key: string): Promise<boolean> {
  const headers = { 'content-type': 'application/json', 'x-api-key': key }
  const response = await fetch(`${api.url}/v1/query`, { method: 'POST', headers, body: JSON.stringify(QUERY) })
  await response.arrayBuffer()
  return response.ok
}

async function createUser({ api }: Stage, username: string): Promise<string> {
  const response = await fetch(`${api.url}/v1/admin/create-user`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-api-key': api.key },
    body: JSON.stringify({ username, credits: 1_000_000_000, rateLimitPerMinute: 1_000_000, sendEvents: true }),
  })
  if (!response.ok) throw new Error(await response.text())
  return ((await response.json()) as { apiKey: string }).apiKey
}

async function load({ folder, api }: Stage, rows: number): Promise<void> {
  const path = join(folder, 'transactions.csv')
  await writeTransactions(path, rows)
  const response = await fetch(`${api.url}/v1/ingestions?wait=true`, {
    method: 'POST',
    headers: { 'content-type': 'text/csv', 'x-api-key': api.key },
    body: await openAsBlob(path),
  })
  if (!response.ok) throw new Error(await response.text())
}
