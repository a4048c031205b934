import { Logger } from '@nestjs/common'
import { connect, type AmqpConnectionManager, type ChannelWrapper } from 'amqp-connection-manager'
import type { ConfirmChannel, ConsumeMessage } from 'amqplib'
import { setTimeout as sleep } from 'node:timers/promises'
import { UnavailableError } from '../common/app-error.js'
import { JobQueue, MAX_DELIVERIES } from './job-queue.js'

type Handler = (id: string) => Promise<void>

const RECONNECT_SECONDS = 1
const PUBLISH_TIMEOUT_MS = 5_000
const CONNECT_TIMEOUT_MS = 5_000
/** A broker that hangs must not keep the process from ending. */
const GOODBYE_TIMEOUT_MS = 2_000

/**
 * RabbitMQ: quorum queues, persistent messages with publisher confirms, manual acknowledgement, a dead-letter queue, and
 * reconnection for ever.
 */
export class RabbitmqJobQueue extends JobQueue {
  private readonly logger = new Logger('RabbitMQ')
  private readonly connection: AmqpConnectionManager
  private readonly publisher: ChannelWrapper
  private readonly declarations = new Map<string, Promise<void>>()
  /** how to stop each consumer on the channel that it has now */
  private readonly cancels = new Map<string, () => Promise<unknown>>()
  private readonly running = new Set<Promise<void>>()
  private reachable = true
  private closing = false

  constructor(url: string) {
    super()
    this.connection = connect([url], {
      reconnectTimeInSeconds: RECONNECT_SECONDS,
      heartbeatIntervalInSeconds: 10,
      connectionOptions: { timeout: CONNECT_TIMEOUT_MS },
    })
    this.connection.on('connect', () => this.connected())
    this.connection.on('connectFailed', ({ err }) => this.disconnected(err))
    this.connection.on('disconnect', ({ err }) => this.disconnected(err))
    this.publisher = this.openChannel('publisher')
  }

  async publish(queue: string, id: string): Promise<void> {
    try {
      await within(PUBLISH_TIMEOUT_MS, this.send(queue, id))
    } catch (error) {
      throw new UnavailableError('The queue cannot be reached; try again.', error)
    }
  }

  async consume(queue: string, concurrency: number, handler: Handler): Promise<void> {
    this.openChannel(`consumer of ${queue}`, async (channel) => {
      if (this.closing) return
      await declare(channel, queue)
      await channel.prefetch(concurrency)
      const { consumerTag } = await channel.consume(queue, (message) => this.deliver(channel, message, handler))
      this.cancels.set(queue, () => channel.cancel(consumerTag))
    })
  }

  async close(): Promise<void> {
    this.closing = true
    // On a channel that is gone there is nothing to cancel.
    const cancelled = Promise.all([...this.cancels.values()].map(async (cancel) => cancel()))
    await within(GOODBYE_TIMEOUT_MS, cancelled).catch(() => undefined)
    await Promise.all(this.running)
    await within(GOODBYE_TIMEOUT_MS, this.connection.close()).catch(() => undefined)
  }

  private async send(queue: string, id: string): Promise<void> {
    await this.declareOnce(queue)
    const options = { persistent: true, messageId: id, contentType: 'text/plain', timeout: PUBLISH_TIMEOUT_MS }
    await this.publisher.sendToQueue(queue, Buffer.from(id), options)
  }

  /** The broker drops a message to a queue that does not exist yet without a word. */
  private declareOnce(queue: string): Promise<void> {
    const existing = this.declarations.get(queue)
    if (existing) return existing
    const declared = this.publisher
      .addSetup((channel: ConfirmChannel) => declare(channel, queue))
      // It runs again at each reconnection, before messages are sent.
      .catch((error: Error) => this.logger.warn(`${queue} is not declared yet: ${error.message}`))
    this.declarations.set(queue, declared)
    return declared
  }

  private openChannel(name: string, setup?: (channel: ConfirmChannel) => Promise<void>): ChannelWrapper {
    const wrapper = this.connection.createChannel({
      name,
      setup: async (channel: ConfirmChannel) => {
        channel.once('error', (error: Error) => this.startOver(`${name}: ${error.message}`))
        await setup?.(channel)
      },
    })
    wrapper.on('error', (error: Error) => this.logger.error(`${name}: ${error.message}`))
    return wrapper
  }

  private deliver(channel: ConfirmChannel, message: ConsumeMessage | null, handler: Handler): void {
    // What arrives while we close goes back to the queue with the channel.
    if (this.closing) return
    if (!message) return this.startOver('the broker cancelled a consumer')
    // A channel that was lost meanwhile has given the message back already, so a failing ack is no loss.
    const settle = (action: () => void): void => {
      try {
        action()
      } catch (error) {
        this.logger.warn(`not acknowledged: ${(error as Error).message}`)
      }
    }
    const task = handler(message.content.toString()).then(
      () => settle(() => channel.ack(message)),
      (error: unknown) => {
        this.logger.warn(`${message.fields.routingKey}: ${message.content.toString()} failed: ${String(error)}`)
        settle(() => channel.nack(message, false, true))
      },
    )
    this.running.add(task)
    void task.finally(() => this.running.delete(task))
  }

  /** A channel that the broker closed is opened again only with a new connection. */
  private startOver(why: string): void {
    if (this.closing || !this.reachable) return
    this.disconnected(new Error(why))
    // Not at once: what the broker refuses now it may refuse again.
    setTimeout(() => this.closing || this.connection.reconnect(), RECONNECT_SECONDS * 1000).unref()
  }

  private connected(): void {
    this.reachable = true
    this.logger.log('connected')
  }

  /** Said once an outage. */
  private disconnected(error: Error | undefined): void {
    if (this.reachable && !this.closing) this.logger.warn(`out of reach: ${error?.message ?? 'connection closed'}`)
    this.reachable = false
  }
}

/** The queue and the one that takes what could not be handled; a quorum queue counts deliveries itself. */
async function declare(channel: ConfirmChannel, queue: string): Promise<void> {
  await channel.assertQueue(`${queue}.dead`, { durable: true })
  await channel.assertQueue(queue, {
    durable: true,
    arguments: {
      'x-queue-type': 'quorum',
      // Returns after the first delivery.
      'x-delivery-limit': MAX_DELIVERIES - 1,
      'x-dead-letter-exchange': '',
      'x-dead-letter-routing-key': `${queue}.dead`,
    },
  })
}

async function within<T>(timeoutMs: number, work: Promise<T>): Promise<T> {
  const done = new AbortController()
  const late = sleep(timeoutMs, undefined, { signal: done.signal }).then(() => {
    throw new Error(`no answer within ${timeoutMs} ms`)
  })
  try {
    return await Promise.race([work, late])
  } finally {
    done.abort()
    late.catch(() => undefined)
  }
}
