import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Redis } from 'ioredis'
import { freePort } from './server.js'
import { ended, isInstalled, untilAccepting } from './services.js'

export const redisInstalled = (): boolean => isInstalled('redis-server', 'Redis')

/** A redis-server of its own on a spare port, without persistence. */
export class TestRedis {
  private password = ''

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

  /** A command, on a connection of its own. */
  async command(name: string, ...values: string[]): Promise<unknown> {
    const client = new Redis(this.port, '127.0.0.1', { password: this.password, enableReadyCheck: false })
    try {
      return await client.call(name, ...values)
    } finally {
      client.disconnect()
    }
  }

  /** Asked for on every connection, also of those that are there. An empty one: none is asked for. */
  async changePassword(password: string): Promise<void> {
    await this.command('CONFIG', 'SET', 'requirepass', password)
    this.password = password
    await this.command('CLIENT', 'KILL', 'TYPE', 'normal')
  }

  /** SIGKILL. */
  async kill(): Promise<void> {
    const exit = once(this.server, 'exit')
    this.server.kill('SIGKILL')
    await exit
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
