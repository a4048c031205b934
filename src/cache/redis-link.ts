import { Logger } from '@nestjs/common'
import { Redis } from 'ioredis'

/** After a failure nobody tries for so long: a Redis that hangs must not cost every question the timeout. */
const PAUSE_AFTER_FAILURE_MS = 2_000
const KEY_PREFIX = 'countinghouse:'

/** One connection to Redis for work that can be done without it. A warning is logged once per outage. */
export class RedisLink {
  readonly client: Redis
  private readonly logger = new Logger('Redis')
  private pausedUntil = 0
  private down = false

  constructor(
    url: string,
    /** what is missing while it is out of reach, for the log */
    private readonly purpose: string,
    private readonly timeoutMs: number,
  ) {
    this.client = new Redis(url, {
      keyPrefix: KEY_PREFIX,
      connectTimeout: 2_000,
      maxRetriesPerRequest: 1,
      // Without a connection a command fails at once instead of waiting for one.
      enableOfflineQueue: false,
      retryStrategy: (attempt) => Math.min(attempt * 200, 2_000),
    })
    this.client.on('error', (error: Error) => this.failed(error))
  }

  /** Resolves when the first connection stands or has failed; only tests need to wait for it. */
  async settled(): Promise<void> {
    if (this.client.status === 'ready') return
    await new Promise<void>((done) => {
      this.client.once('ready', done)
      this.client.once('close', done)
    })
  }

  /** What the command gives, or undefined when Redis cannot be asked. Never rejects. */
  async attempt<T>(command: () => Promise<T>): Promise<T | undefined> {
    if (Date.now() < this.pausedUntil) return undefined
    try {
      const result = await this.inTime(command())
      this.down = false
      return result
    } catch (error) {
      this.failed(error as Error)
      return undefined
    }
  }

  close(): void {
    this.client.disconnect()
  }

  private async inTime<T>(answer: Promise<T>): Promise<T> {
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<never>((_resolve, reject) => {
      // In a process that was busy for longer than that, the answer may be there and not read yet: one more turn for it.
      const expired = (): unknown => setImmediate(() => reject(new Error('no answer in time')))
      timer = setTimeout(expired, this.timeoutMs)
    })
    try {
      return await Promise.race([answer, late])
    } finally {
      clearTimeout(timer)
    }
  }

  private failed(error: Error): void {
    // A connection that is not there fails at once, so only one that hangs is worth a pause.
    if (this.client.status === 'ready') this.pausedUntil = Date.now() + PAUSE_AFTER_FAILURE_MS
    if (this.down) return
    this.down = true
    this.logger.warn(`Redis is out of reach, going on without ${this.purpose}: ${error.message}`)
  }
}
