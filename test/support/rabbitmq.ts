import { spawn, type ChildProcess } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort } from './server.js'
import { ended, isInstalled, untilAccepting } from './services.js'

export const rabbitmqInstalled = (): boolean => isInstalled(SCRIPT, 'RabbitMQ')

/** Debian's script itself: the wrapper in /usr/sbin would change to another user and to the system's folders. */
const SCRIPT = process.env.TEST_RABBITMQ_SERVER ?? '/usr/lib/rabbitmq/bin/rabbitmq-server'

/** A RabbitMQ of its own in a temporary folder, with an epmd of its own, so that nothing outlives the test. */
export class TestRabbitmq {
  private epmd?: ChildProcess
  private server?: ChildProcess

  private constructor(
    readonly port: number,
    private readonly ports: { epmd: number; distribution: number },
    private readonly folder: string,
    private readonly user?: { name: string; password: string },
  ) {}

  /** With a user of its own, or with `guest`. */
  static async start(user?: { name: string; password: string }): Promise<TestRabbitmq> {
    const [port, epmd, distribution] = [await freePort(), await freePort(), await freePort()]
    const folder = mkdtempSync(join(tmpdir(), 'countinghouse-rabbitmq-'))
    const rabbitmq = new TestRabbitmq(port, { epmd, distribution }, folder, user)
    try {
      await rabbitmq.launchEpmd()
      await rabbitmq.startAgain()
    } catch (error) {
      await rabbitmq.stop()
      throw error
    }
    return rabbitmq
  }

  get url(): string {
    return `amqp://guest:guest@127.0.0.1:${this.port}`
  }

  /** Ends it in order; what is durable stays in the folder for `startAgain`. */
  async shutDown(): Promise<void> {
    if (this.server) await ended(this.server)
  }

  async startAgain(): Promise<void> {
    let output = ''
    this.server = spawn(SCRIPT, { env: this.environment(), stdio: ['ignore', 'pipe', 'pipe'], cwd: this.folder })
    for (const stream of [this.server.stdout!, this.server.stderr!])
      stream.on('data', (data: Buffer) => (output += data.toString()))
    const why = () => `rabbitmq-server did not start:\n${output}`
    await untilAccepting(this.port, this.server, { timeoutMs: 60_000, why })
  }

  async stop(): Promise<void> {
    await this.shutDown()
    if (this.epmd) await ended(this.epmd)
    rmSync(this.folder, { recursive: true, force: true })
  }

  /** Erlang would start one by itself and leave it behind. */
  private async launchEpmd(): Promise<void> {
    const { epmd } = this.ports
    this.epmd = spawn('epmd', ['-port', String(epmd), '-address', '127.0.0.1'], { stdio: 'ignore' })
    await untilAccepting(epmd, this.epmd, { timeoutMs: 10_000, why: () => 'epmd did not start' })
  }

  private environment(): NodeJS.ProcessEnv {
    const folder = (name: string): string => join(this.folder, name)
    mkdirSync(folder('log'), { recursive: true })
    writeFileSync(folder('plugins'), '[].\n')
    writeFileSync(folder('rabbitmq.conf'), '')
    // A message whose time was over while its queue was not back yet is tried again after that; the default is 3 minutes.
    writeFileSync(folder('advanced.config'), '[{rabbit, [{dead_letter_worker_publisher_confirm_timeout, 3000}]}].\n')
    return {
      PATH: process.env.PATH,
      // The Erlang cookie is made here.
      HOME: this.folder,
      ...(this.user && { RABBITMQ_DEFAULT_USER: this.user.name, RABBITMQ_DEFAULT_PASS: this.user.password }),
      ERL_EPMD_PORT: String(this.ports.epmd),
      RABBITMQ_NODENAME: `countinghouse-${this.port}@localhost`,
      RABBITMQ_NODE_IP_ADDRESS: '127.0.0.1',
      RABBITMQ_NODE_PORT: String(this.port),
      RABBITMQ_DIST_PORT: String(this.ports.distribution),
      RABBITMQ_MNESIA_BASE: folder('mnesia'),
      RABBITMQ_LOG_BASE: folder('log'),
      RABBITMQ_PID_FILE: folder('pid'),
      RABBITMQ_CONFIG_FILE: folder('rabbitmq'),
      RABBITMQ_ADVANCED_CONFIG_FILE: folder('advanced'),
      RABBITMQ_CONF_ENV_FILE: folder('no-such-file'),
      RABBITMQ_ENABLED_PLUGINS_FILE: folder('plugins'),
    }
  }
}
