import { ClickHouseLogLevel, createClient, type ClickHouseClient } from '@clickhouse/client'
import { spawn, type ChildProcess } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createWriteStream, readFileSync } from 'node:fs'
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { startEmbeddedEngines, type EmbeddedEngines } from '../src/infrastructure/embedded/embedded-engines.js'
import { transactionsCsv } from '../tools/generator/transactions-generator.js'

const MAIN = join(import.meta.dirname, '../src/main.js')
/** As `npm start` has it: with more room for young objects a promise that waits for a charge dies where it was born. */
const FLAGS = ['--max-semi-space-size=32']

/** A folder, the embedded engines on it, and an API process of its own that uses them by URL. */
export interface Stage {
  folder: string
  engines: EmbeddedEngines & { postgresUrl: string; clickhouseUrl: string }
  api: { url: string; key: string; pid: number }
}

/** Sets the stage, runs `work`, and leaves no process or file behind. */
export async function onStage(env: Record<string, string>, work: (stage: Stage) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'countinghouse-bench-'))
  await chmod(folder, 0o755)
  const dataDir = join(folder, 'data')
  const engines = await startEmbeddedEngines({ dataDir, postgres: true, clickhouse: true, mayReadFiles: true })
  let child: ChildProcess | undefined
  try {
    const started = await startApi(folder, engines, env)
    child = started.child
    await work({ folder, engines: engines as Stage['engines'], api: started })
  } finally {
    if (child) await ended(child)
    await engines.stop()
    await rm(folder, { recursive: true, force: true })
  }
}

/** The engine's own port. Its client warns of proxies that cut long requests; there is none. */
export function engineClient({ engines }: Stage, requestTimeoutMs: number): ClickHouseClient {
  return createClient({
    url: engines.clickhouseUrl,
    database: 'countinghouse',
    request_timeout: requestTimeoutMs,
    log: { level: ClickHouseLogLevel.ERROR },
  })
}

async function ended(child: ChildProcess): Promise<void> {
  child.kill('SIGTERM')
  if (child.exitCode === null) await once(child, 'exit')
}

/** A folder and the embedded PostgreSQL on it, without an application. */
export async function onPostgres(work: (stage: { folder: string; url: string }) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'countinghouse-bench-'))
  await chmod(folder, 0o755)
  const engines = await startEmbeddedEngines({ dataDir: join(folder, 'data'), postgres: true, clickhouse: false })
  try {
    await work({ folder, url: engines.postgresUrl! })
  } finally {
    await engines.stop()
    await rm(folder, { recursive: true, force: true })
  }
}

async function startApi(
  folder: string,
  engines: EmbeddedEngines,
  env: Record<string, string>,
): Promise<Stage['api'] & { child: ChildProcess }> {
  const key = `ch_${randomBytes(32).toString('hex').slice(0, 43)}`
  const port = await freePort()
  const child = spawn(process.execPath, [...FLAGS, MAIN], {
    env: {
      ...process.env,
      PORT: String(port),
      HOST: '127.0.0.1',
      DATA_DIR: join(folder, 'api'),
      POSTGRES_URL: engines.postgresUrl,
      CLICKHOUSE_URL: engines.clickhouseUrl,
      ADMIN_API_KEY: createHash('sha256').update(key).digest('hex'),
      LOG_LEVEL: 'warn',
      ...env,
    },
    stdio: ['ignore', 'inherit', 'inherit'],
  })
  const url = `http://127.0.0.1:${port}`
  while (
    !(await fetch(`${url}/health/ready`).then(
      (answer) => answer.ok,
      () => false,
    ))
  ) {
    if (child.exitCode !== null) throw new Error(`the API ended with ${child.exitCode}`)
    await sleep(50)
  }
  return { url, key, pid: child.pid!, child }
}

export async function writeTransactions(path: string, rows: number): Promise<void> {
  await pipeline(Readable.from(transactionsCsv({ rows, seed: 1 })), createWriteStream(path))
}

/** Resident memory of a process in bytes; /proc, so Linux only. */
export function residentBytes(pid: number): number {
  const kilobytes = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
  return Number(kilobytes) * 1024
}

/** The highest resident memory while `work` runs, looked at every 20 ms. */
export async function peakMemory<T>(pid: number, work: () => Promise<T>): Promise<{ result: T; peakBytes: number }> {
  let peakBytes = residentBytes(pid)
  const timer = setInterval(() => (peakBytes = Math.max(peakBytes, residentBytes(pid))), 20)
  try {
    const result = await work()
    return { result, peakBytes }
  } finally {
    clearInterval(timer)
  }
}

/** Processor seconds that this process's children, and theirs, have used since they started; /proc, so Linux only. */
export function processorSecondsOfChildren(pid = process.pid): number {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean)
  return children.reduce((sum, child) => sum + processorSecondsOf(Number(child)), 0)
}

/** Of a process, those of its children that have ended, and those that run. */
export function processorSecondsOf(pid: number): number {
  return ownAndReaped(pid) + processorSecondsOfChildren(pid)
}

function ownAndReaped(pid: number): number {
  // Behind the name, which may have spaces: fields 14 to 17 of the line, in hundredths of a second.
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)!.split(' ')
  return fields.slice(11, 15).reduce((sum, ticks) => sum + Number(ticks) / 100, 0)
}

export async function seconds(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now()
  await work()
  return (performance.now() - start) / 1000
}

export function median(values: number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]!
}

/** The value that a share of them does not exceed. */
export function quantile(values: number[], share: number): number {
  return [...values].sort((a, b) => a - b)[Math.ceil(values.length * share) - 1]!
}

export function count(value: number): string {
  return Math.round(value).toLocaleString('en-US')
}

export function sleep(ms: number): Promise<void> {
  return new Promise((done) => setTimeout(done, ms))
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const { port } = probe.address() as AddressInfo
  await new Promise((done) => probe.close(done))
  return port
}
