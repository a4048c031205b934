import { EventEmitter } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { Injectable, Logger, type OnApplicationShutdown } from '@nestjs/common'
import pg from 'pg'
import { Config } from '../../config/config.js'
import { PostgresClient } from './postgres-client.js'

const RETRY_MS = 1_000
/** A connection that is dead without a word is found out within twice this time. */
const PULSE_MS = 5_000

/**
 * What PostgreSQL sends with NOTIFY to all instances, after the commit that it belongs to. One connection for the process,
 * made with the first listener. Messages sent while the connection is away are lost: who must not miss one looks at
 * `isListening` and at what is stored.
 */
@Injectable()
export class Notifications implements OnApplicationShutdown {
  private readonly logger = new Logger('Notifications')
  private readonly messages = new EventEmitter().setMaxListeners(0)
  private readonly channels = new Set<string>()
  private client?: pg.Client
  private connecting?: Promise<void>
  private closing = false
  private listeningSinceMs?: number

  constructor(private readonly config: Config) {}

  /**
   * Calls `onMessage` with each payload of the channel; with an empty one when the connection stands (again), since
   * messages may have been missed. Gives a function that ends it.
   */
  listen(channel: string, onMessage: (payload: string) => void): () => void {
    this.messages.on(channel, onMessage)
    if (!this.channels.has(channel)) {
      this.channels.add(channel)
      // A connection that is being made gets to all channels by itself, one statement after the other.
      if (this.isListening()) void this.client?.query(`LISTEN ${pg.escapeIdentifier(channel)}`).catch(() => undefined)
    }
    if (!this.closing) this.connecting ??= this.keepConnected()
    return () => this.messages.off(channel, onMessage)
  }

  /** Whether every message of the last `forMs` milliseconds has come or will come. */
  isListening(forMs = 0): boolean {
    return this.listeningSinceMs !== undefined && performance.now() - this.listeningSinceMs >= forMs
  }

  async onApplicationShutdown(): Promise<void> {
    this.closing = true
    await this.client?.end().catch(() => undefined)
    await this.connecting
  }

  private async keepConnected(): Promise<void> {
    let wasDown = false
    while (!this.closing) {
      try {
        await this.hold(() => {
          if (wasDown) this.logger.log('PostgreSQL sends notifications again')
          wasDown = false
        })
      } catch (error) {
        if (!wasDown && !this.closing) this.logger.warn(`PostgreSQL sends no notifications: ${String(error)}`)
        wasDown = true
      }
      if (!this.closing) await sleep(RETRY_MS, undefined, { ref: false })
    }
  }

  /** Returns or throws when the connection has ended. */
  private async hold(onReady: () => void): Promise<void> {
    const client = new PostgresClient({
      connectionString: this.config.postgresUrl,
      application_name: 'countinghouse notifications',
      connectionTimeoutMillis: PULSE_MS,
      query_timeout: PULSE_MS,
      keepAlive: true,
    })
    this.client = client
    try {
      // `on`: PostgreSQL's farewell and the loss of the connection are two errors.
      const ended = new Promise<Error | undefined>((done) =>
        client.on('error', done).once('end', () => done(undefined)),
      )
      client.on('notification', ({ channel, payload }) => this.messages.emit(channel, payload ?? ''))
      await client.connect()
      for (const channel of this.channels) await client.query(`LISTEN ${pg.escapeIdentifier(channel)}`)
      this.listeningSinceMs = performance.now()
      onReady()
      for (const channel of this.channels) this.messages.emit(channel, '')
      await this.pulse(client, ended)
    } finally {
      this.listeningSinceMs = undefined
      this.client = undefined
      client.removeAllListeners('notification')
      await client.end().catch(() => undefined)
    }
  }

  private async pulse(client: pg.Client, ended: Promise<Error | undefined>): Promise<void> {
    const hasEnded = ended.then((error) => ({ error }))
    while (!this.closing) {
      const end = await Promise.race([hasEnded, sleep(PULSE_MS, undefined, { ref: false })])
      if (end?.error) throw end.error
      if (end) return
      await client.query('SELECT 1')
    }
  }
}
