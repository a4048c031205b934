import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { clusterEnv } from './on-cluster.js'
import { startProgram } from './program.js'

/** A start takes two seconds; on a machine whose disk is busy, initdb alone can take half a minute. */
const READY_TIMEOUT_MS = 120_000

export interface TestServer {
  url: string
  rootKey: string
  dataDir: string
  process: ChildProcess
  /** everything that it printed so far */
  output(): string
  /** fetch against the server with a key (the root key when none is given; null for none) */
  fetch(path: string, init?: RequestInit & { key?: string | null }): Promise<Response>
  /** a JSON body in, the JSON answer out, whatever its status */
  json<T = any>(
    method: string,
    path: string,
    body?: unknown,
    key?: string | null,
  ): Promise<{ status: number; headers: Headers; body: T }>
  /** SIGTERM, waits for the exit, removes the data folder unless `keepData` */
  stop(options?: { keepData?: boolean }): Promise<number | null>
  /** SIGKILL; the data folder stays */
  kill(): Promise<void>
}

export interface TestServerOptions {
  env?: Record<string, string>
  /** an existing data folder, with the root key that was printed for it */
  dataDir?: string
  rootKey?: string
}

/** Starts the built server on a spare port with embedded engines in a temporary folder. */
export async function startServer({ env = {}, dataDir, rootKey }: TestServerOptions = {}): Promise<TestServer> {
  const folder = dataDir ?? mkdtempSync(join(tmpdir(), 'countinghouse-test-'))
  const port = await freePort()
  const program = startProgram('main', {
    PORT: String(port),
    HOST: '127.0.0.1',
    DATA_DIR: folder,
    ...clusterEnv(folder),
    ...env,
  })
  const { process: child, output } = program
  const url = `http://127.0.0.1:${port}`
  await untilReady(url, child, output).catch((error: unknown) => {
    if (dataDir === undefined) rmSync(folder, { recursive: true, force: true })
    throw error
  })
  const key = rootKey ?? /ch_[0-9A-Za-z]{43}/.exec(output())?.[0] ?? ''
  const request = (
    path: string,
    { key: with_ = key, ...init }: RequestInit & { key?: string | null } = {},
  ): Promise<Response> =>
    fetch(`${url}${path}`, {
      ...init,
      headers: { ...(with_ ? { 'x-api-key': with_ } : {}), ...(init.headers as Record<string, string>) },
    })
  return {
    url,
    rootKey: key,
    dataDir: folder,
    process: child,
    output,
    fetch: request,
    async json(method, path, body, with_) {
      const headers: Record<string, string> = body === undefined ? {} : { 'content-type': 'application/json' }
      const response = await request(path, {
        method,
        headers,
        body: body === undefined ? undefined : JSON.stringify(body),
        ...(with_ !== undefined && { key: with_ }),
      })
      const text = await response.text()
      return { status: response.status, headers: response.headers, body: text ? JSON.parse(text) : undefined }
    },
    async stop({ keepData = false } = {}) {
      const code = await program.end()
      if (!keepData) rmSync(folder, { recursive: true, force: true })
      return code
    },
    async kill() {
      await program.end('SIGKILL')
    },
  }
}

/** Below the ports that the system gives to outgoing connections, and others in each of vitest's processes. */
const PORTS = { first: 12_000 + (Number(process.env.VITEST_POOL_ID ?? 0) % 10) * 2_000, count: 2_000 }
let nextPort = Math.floor(Math.random() * PORTS.count)

/** A port that nobody listens on, and that nobody is given until whoever asked listens on it. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = PORTS.first + (nextPort++ % PORTS.count)
    const probe = createServer().listen(port, '127.0.0.1')
    const isFree = await Promise.race([
      once(probe, 'listening').then(() => true),
      once(probe, 'error').then(() => false),
    ]).catch(() => false)
    await new Promise((done) => probe.close(done))
    if (isFree) return port
  }
}

async function untilReady(url: string, child: ChildProcess, output: () => string): Promise<void> {
  for (const deadline = Date.now() + READY_TIMEOUT_MS; Date.now() < deadline; await sleep(50)) {
    if (child.exitCode !== null) throw new Error(`the server ended with ${child.exitCode}:\n${output()}`)
    const ready = await fetch(`${url}/health/ready`).then(
      (response) => response.ok,
      () => false,
    )
    if (ready) return
  }
  child.kill('SIGKILL')
  throw new Error(`the server did not become ready:\n${output()}`)
}
