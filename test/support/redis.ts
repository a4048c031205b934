import { spawn, type ChildProcess } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort } from './server.js'
import { ended, isInstalled, untilAccepting } from './services.js'

export const redisInstalled = (): boolean => isInstalled('redis-server', 'Redis')

/** A redis-server of its own on a spare port, without persistence. */
export class TestRedis {
  private constructor(
    readonly port: number,
    private readonly folder: string,
    private server: ChildProcess,
  ) {}

  static async start(): Promise<TestRedis> {
    const port = await freePort()
    const folder = mkdtempSync(join(tmpdir(), 'countinghouse-redis-'))
    return new TestRedis(port, folder, await launch(port, folder))
  }

  get url(): string {
    return `redis://127.0.0.1:${this.port}`
  }

  /** SIGSTOP: it hangs with its connections open, until `resume`. */
  pause(): void {
    this.server.kill('SIGSTOP')
  }

  resume(): void {
    this.server.kill('SIGCONT')
  }

  /** Ends it; `startAgain` brings an empty one up on the same port. */
  async shutDown(): Promise<void> {
    await ended(this.server)
  }

  async startAgain(): Promise<void> {
    this.server = await launch(this.port, this.folder)
  }

  async stop(): Promise<void> {
    await ended(this.server)
    rmSync(this.folder, { recursive: true, force: true })
  }
}

async function launch(port: number, folder: string): Promise<ChildProcess> {
  const flags = ['--port', String(port), '--bind', '127.0.0.1', '--dir', folder, '--save', '', '--appendonly', 'no']
  const server = spawn('redis-server', flags, { stdio: 'ignore' })
  await untilAccepting(port, server, { timeoutMs: 10_000, why: () => 'redis-server did not start' })
  return server
}
