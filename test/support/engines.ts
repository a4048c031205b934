import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { descendantsOf } from './processes.js'
import { clusterEnv } from './on-cluster.js'
import { startProgram } from './program.js'

/** The embedded engines in a process of their own, with a folder that the test may use as well. */
export class TestEngines {
  private constructor(
    readonly dataDir: string,
    private readonly program: ReturnType<typeof startProgram>,
    /** what a server or a worker on them needs */
    readonly urls: { POSTGRES_URL: string; CLICKHOUSE_URL: string; CLICKHOUSE_DATABASE?: string },
  ) {}

  static async start(): Promise<TestEngines> {
    const dataDir = mkdtempSync(join(tmpdir(), 'countinghouse-test-'))
    const program = startProgram('engines', { DATA_DIR: dataDir })
    const [, postgresUrl] = await program.printed(/^POSTGRES_URL=(\S+)$/m)
    const [, clickhouseUrl] = await program.printed(/^CLICKHOUSE_URL=(\S+)$/m)
    return new TestEngines(dataDir, program, {
      POSTGRES_URL: postgresUrl!,
      CLICKHOUSE_URL: clickhouseUrl!,
      ...clusterEnv(dataDir),
    })
  }

  /**
   * Stopped it answers nothing for some seconds, until the supervisor replaces it; killed it is started again, and has
   * nothing to continue.
   */
  signalClickhouse(signal: 'SIGSTOP' | 'SIGCONT' | 'SIGKILL'): void {
    const pid = this.clickhousePid()
    if (pid !== undefined) process.kill(pid, signal)
    else if (signal !== 'SIGCONT') throw new Error('the ClickHouse child was not found')
  }

  /** undefined while it is being started again */
  clickhousePid(): number | undefined {
    return descendantsOf(this.program.process.pid!).find(({ command }) => command.includes('clickhouse-child'))?.pid
  }

  /** Stops them and takes the folder away. */
  async stop(): Promise<void> {
    await this.program.end()
    rmSync(this.dataDir, { recursive: true, force: true })
  }
}
