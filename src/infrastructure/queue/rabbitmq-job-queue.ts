import { Logger } from '@nestjs/common'
import { connect, type AmqpConnectionManager, type ChannelWrapper } from 'amqp-connection-manager'
import type { ConfirmChannel, ConsumeMessage } from 'amqplib'
import { UnavailableError } from '../../common/errors/app-error.js'
import { inTime } from '../../common/in-time.js'
import { JobQueue, PoisonedMessageError, RETRY_DELAYS_MS, type Consumer } from './job-queue.js'
import { deadLettersOf, declareTopology, retryQueueOf } from './rabbitmq-topology.js'

/** Doubles with each try that fails, up to the most. */
const RECONNECT_SECONDS = 0.5
const RECONNECT_MOST_SECONDS = 3
const PUBLISH_TIMEOUT_MS = 5_000
const CONNECT_TIMEOUT_MS = 5_000
const DEPTHS_TIMEOUT_MS = 2_000
/** A broker that hangs must not keep the process from ending. */
const DISCONNECT_TIMEOUT_MS = 2_000
/** The header that counts a message's deliveries to a handler. */
const DELIVERIES = 'x-deliveries'
const SHOWN_CHARACTERS = 200

/** One message in the hands of its consumer. */
interface Delivery {
  queue: string
  channel: ConfirmChannel
  message: ConsumeMessage
  consumer: Consumer
}

/**
 * RabbitMQ: quorum queues, persistent messages with publisher confirms, manual acknowledgement, retries with back-off,
 * a dead-letter queue, and reconnection for ever.
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

  constructor(
    url: string,
    private readonly retryDelaysMs = RETRY_DELAYS_MS,
  ) {
    super()
    this.connection = connect([url], {
      reconnectTimeInSeconds: RECONNECT_SECONDS,
      heartbeatIntervalInSeconds: 10,
      connectionOptions: { timeout: CONNECT_TIMEOUT_MS },
    })
    this.connection.on('connect', () => this.connected())
    this.connection.on('connectFailed', ({ err }) => {
      this.disconnected(err)
      const { reconnectTimeInSeconds } = this.connection
      this.connection.reconnectTimeInSeconds = Math.min(2 * reconnectTimeInSeconds, RECONNECT_MOST_SECONDS)
    })
    this.connection.on('disconnect', ({ err }) => this.disconnected(err))
    this.publisher = this.openChannel('publisher')
  }

  /** The broker drops a message to a queue that does not exist yet without a word. */
  declare(queue: string): Promise<void> {
    const existing = this.declarations.get(queue)
    if (existing) return existing
    const declared = this.publisher
      .addSetup((channel: ConfirmChannel) => declareTopology(channel, queue, this.retryDelaysMs))
      // It runs again at each reconnection, before messages are sent.
      .catch((error: Error) => this.logger.warn(`${queue} is not declared yet: ${error.message}`))
    this.declarations.set(queue, declared)
    return declared
  }

  async publish(queue: string, message: string): Promise<void> {
    await this.declare(queue)
    await this.send(queue, Buffer.from(message), { [DELIVERIES]: 1 })
  }

  async consume(queue: string, consumer: Consumer): Promise<void> {
    this.openChannel(`consumer of ${queue}`, async (channel) => {
      if (this.closing) return
      await declareTopology(channel, queue, this.retryDelaysMs)
      await channel.prefetch(consumer.concurrency)
      const { consumerTag } = await channel.consume(queue, (message) => {
        // What arrives while we close goes back to the queue with the channel.
        if (this.closing) return
        if (!message) return this.startOver('the broker cancelled a consumer')
        this.track(this.deliver({ queue, channel, message, consumer }))
      })
      this.cancels.set(queue, () => channel.cancel(consumerTag))
    })
  }

  async deadLetter(queue: string, message: string, reason: string): Promise<void> {
    await this.declare(queue)
    await this.send(deadLettersOf(queue), Buffer.from(message), { 'x-reason': reason })
  }

  async depths(): Promise<{ queue: string; messages: number }[]> {
    const depths = [...this.declarations].map(async ([queue, declared]) => {
      await declared
      const { messageCount } = await this.publisher.checkQueue(queue)
      return { queue, messages: messageCount }
    })
    return inTime(Promise.all(depths), DEPTHS_TIMEOUT_MS)
  }

  brokerVersion(): string | null {
    return this.connection.connection?.connection.serverProperties.version ?? null
  }

  async close(): Promise<void> {
    this.closing = true
    // On a channel that is gone there is nothing to cancel.
    const cancelled = Promise.all([...this.cancels.values()].map(async (cancel) => cancel()))
    await inTime(cancelled, DISCONNECT_TIMEOUT_MS).catch(() => undefined)
    await Promise.all(this.running)
    await inTime(this.connection.close(), DISCONNECT_TIMEOUT_MS).catch(() => undefined)
  }

  private async send(queue: string, content: Buffer, headers: Record<string, unknown>): Promise<void> {
    const options = { persistent: true, contentType: 'text/plain', timeout: PUBLISH_TIMEOUT_MS, headers }
    try {
      await inTime(this.publisher.sendToQueue(queue, content, options), PUBLISH_TIMEOUT_MS)
    } catch (error) {
      throw new UnavailableError('The queue cannot be reached; try again.', error)
    }
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

  private track(task: Promise<void>): void {
    this.running.add(task)
    void task.finally(() => this.running.delete(task))
  }

  /**
   * A message that failed is acknowledged only when its copy is safe in the queue that it waits in, or among the dead
   * letters; when it cannot be copied it goes back to where it came from.
   */
  private async deliver(delivery: Delivery): Promise<void> {
    const { channel, message, consumer } = delivery
    try {
      await consumer.handler(message.content.toString())
    } catch (error) {
      try {
        await this.failed(delivery, error as Error)
      } catch (failure) {
        this.logger.warn(`${delivery.queue}: returned: ${(failure as Error).message}`)
        return this.settle(() => channel.nack(message, false, true))
      }
    }
    this.settle(() => channel.ack(message))
  }

  private async failed(delivery: Delivery, error: Error): Promise<void> {
    const { queue, message } = delivery
    const deliveries = Number(message.properties.headers?.[DELIVERIES] ?? 1)
    const delayMs = this.retryDelaysMs[deliveries - 1]
    if (delayMs === undefined || error instanceof PoisonedMessageError) return this.giveUp(delivery, error)
    this.logger.warn(`${queue}: failed, again in ${delayMs / 1000} s: ${error.message}`)
    await this.send(retryQueueOf(queue, delayMs), message.content, { [DELIVERIES]: deliveries + 1 })
  }

  private async giveUp({ queue, message, consumer }: Delivery, error: Error): Promise<void> {
    const text = message.content.toString()
    this.logger.error(`${queue}: ${text.slice(0, SHOWN_CHARACTERS)} is given up: ${error.message}`)
    try {
      await consumer.onExhausted?.(text, error)
    } catch (failure) {
      this.logger.warn(`${queue}: not given up yet: ${(failure as Error).message}`)
      const headers = { [DELIVERIES]: this.retryDelaysMs.length + 1 }
      return this.send(retryQueueOf(queue, this.retryDelaysMs.at(-1)!), message.content, headers)
    }
    await this.send(deadLettersOf(queue), message.content, { 'x-reason': error.message })
  }

  /** A channel that was lost meanwhile has given the message back already, so a failing ack is no loss. */
  private settle(action: () => void): void {
    try {
      action()
    } catch (error) {
      this.logger.warn(`not acknowledged: ${(error as Error).message}`)
    }
  }

  /** A channel that the broker closed is opened again only with a new connection. */
  private startOver(why: string): void {
    if (this.closing || !this.reachable) return
    this.disconnected(new Error(why))
    // Not at once: what the broker refuses now it may refuse again.
    setTimeout(() => this.closing || this.connection.reconnect(), 1_000).unref()
  }

  private connected(): void {
    this.reachable = true
    this.connection.reconnectTimeInSeconds = RECONNECT_SECONDS
    this.logger.log('connected')
  }

  /** Said once an outage. */
  private disconnected(error: Error | undefined): void {
    if (this.reachable && !this.closing) this.logger.warn(`out of reach: ${error?.message ?? 'connection closed'}`)
    this.reachable = false
  }
}
