import { Logger } from '@nestjs/common'
import { Redis } from 'ioredis'
import { inTime } from '../../common/in-time.js'

/** After a failure nobody tries for so long: a Redis that hangs must not cost every request the timeout. */
const PAUSE_AFTER_FAILURE_MS = 2_000
/** An outage is over when nothing has failed for so long; one that comes and goes is one in the log. */
const OUTAGE_OVER_MS = 5_000
const KEY_PREFIX = 'countinghouse:'
const CONNECT_TIMEOUT_MS = 2_000
/** A connection whose other end is gone without notice is detected within the two together. */
const PING_INTERVAL_MS = 2_000
const PING_TIMEOUT_MS = 2_000

/**
 * Answers of a server that is not, or is no longer, the one to talk to: a master that became a replica, one that still
 * loads its data, lost its master or its replicas, or does not know this client (any more). The address may lead to
 * another server by now, so the connection is made again.
 */
const WRONG_SERVER = /\b(READONLY|LOADING|MASTERDOWN|NOREPLICAS|NOAUTH|WRONGPASS)\b/

export interface RedisConnectionOptions {
  /** what is missing while Redis is out of reach, for the log: "going on without ..." */
  purpose: string
  timeoutMs: number
}

/**
 * One connection to Redis for work that can be done without it, and the one policy for all of them: commands fail soon
 * and are never sent again by the driver, the connection is made again for ever, also when the server at its end
 * is the wrong one or says nothing. A warning is logged once per outage, and its end.
 */
export class RedisConnection {
  readonly client: Redis
  private readonly logger = new Logger('Redis')
  private readonly timer: NodeJS.Timeout
  private pausedUntilMs = 0
  private failedAtMs = -Infinity
  private lastStatus?: string
  private isDown = false

  constructor(
    url: string,
    private readonly options: RedisConnectionOptions,
  ) {
    this.client = new Redis(url, {
      keyPrefix: KEY_PREFIX,
      connectTimeout: CONNECT_TIMEOUT_MS,
      keepAlive: PING_INTERVAL_MS,
      // A command whose connection is lost may have been done: whoever sent it decides, and nobody waits.
      maxRetriesPerRequest: 0,
      autoResendUnfulfilledCommands: false,
      autoResubscribe: false,
      // Without a connection a command fails at once instead of waiting for one.
      enableOfflineQueue: false,
      retryStrategy: (attempt) => Math.min(attempt * 200, 2_000),
      reconnectOnError: (error) => WRONG_SERVER.test(error.message),
    })
    this.client.on('error', (error: Error) => this.failed(error))
    this.timer = setInterval(() => void this.checkConnection(), PING_INTERVAL_MS).unref()
  }

  /** Resolves when the first connection stands or has failed; only tests need to wait for it. */
  async settled(): Promise<void> {
    if (this.client.status === 'ready') return
    await new Promise<void>((done) => {
      this.client.once('ready', done)
      this.client.once('close', done)
    })
  }

  /** The result of the command, or undefined when Redis cannot be reached. Never rejects. */
  async tryCommand<T>(command: () => Promise<T>): Promise<T | undefined> {
    if (performance.now() < this.pausedUntilMs) return undefined
    try {
      const result = await inTime(command(), this.options.timeoutMs)
      this.succeeded()
      return result
    } catch (error) {
      this.failed(error as Error)
      return undefined
    }
  }

  close(): void {
    clearInterval(this.timer)
    this.client.disconnect()
  }

  /** Pings the server, and reconnects when it does not respond. */
  private async checkConnection(): Promise<void> {
    const { status } = this.client
    // Connected, and not told whether the server is ready: twice in a row is for too long.
    if (status === 'connect' && this.lastStatus === 'connect')
      this.connectAgain(new Error('no response after connecting'))
    this.lastStatus = this.client.status
    if (status !== 'ready') return
    try {
      await inTime(this.client.ping(), PING_TIMEOUT_MS)
      this.succeeded()
    } catch (error) {
      if (this.client.status === 'ready') this.connectAgain(error as Error)
    }
  }

  private connectAgain(error: Error): void {
    this.failed(error)
    this.client.disconnect(true)
  }

  private failed(error: Error): void {
    this.failedAtMs = performance.now()
    // Where there is no connection, commands fail at once.
    if (this.client.status === 'ready') this.pausedUntilMs = this.failedAtMs + PAUSE_AFTER_FAILURE_MS
    if (this.isDown) return
    this.isDown = true
    this.logger.warn(`Redis is out of reach, going on without ${this.options.purpose}: ${error.message}`)
  }

  private succeeded(): void {
    if (!this.isDown || performance.now() - this.failedAtMs < OUTAGE_OVER_MS) return
    this.isDown = false
    this.logger.log(`Redis is back, and ${this.options.purpose} with it`)
  }
}
