import { Logger } from '@nestjs/common'
import { connect, type AmqpConnectionManager, type ChannelWrapper } from 'amqp-connection-manager'
import type { ConfirmChannel, ConsumeMessage } from 'amqplib'
import { UnavailableError } from '../common/app-error.js'
import { JobQueue } from './job-queue.js'

/** Messages that failed this often end in the dead-letter queue. */
const MAX_DELIVERIES = 3
const PUBLISH_TIMEOUT_MS = 5_000

/**
 * RabbitMQ: quorum queues declared at start, persistent messages with publisher confirms, manual acknowledgement, a
 * dead-letter queue, and reconnection for ever.
 */
export class RabbitmqJobQueue extends JobQueue {
  private readonly logger = new Logger('RabbitMQ')
  private readonly connection: AmqpConnectionManager
  private readonly publisher: ChannelWrapper
  private readonly consumers: ChannelWrapper[] = []
  private readonly declared = new Set<string>()
  private readonly running = new Set<Promise<void>>()

  constructor(url: string) {
    super()
    this.connection = connect([url], { reconnectTimeInSeconds: 1, heartbeatIntervalInSeconds: 10 })
    this.connection.on('connect', () => this.logger.log('connected'))
    this.connection.on('disconnect', ({ err }) => this.logger.warn(`disconnected: ${err.message}`))
    this.publisher = this.connection.createChannel({ name: 'publisher', publishTimeout: PUBLISH_TIMEOUT_MS })
  }

  async publish(queue: string, id: string): Promise<void> {
    await this.declareOnce(queue)
    try {
      await this.publisher.sendToQueue(queue, Buffer.from(id), {
        persistent: true,
        messageId: id,
        contentType: 'text/plain',
      })
    } catch (error) {
      throw new UnavailableError('The queue cannot be reached; try again.', error)
    }
  }

  async consume(queue: string, concurrency: number, handler: (id: string) => Promise<void>): Promise<void> {
    const consumer = this.connection.createChannel({
      name: `consumer of ${queue}`,
      setup: async (channel: ConfirmChannel) => {
        await declare(channel, queue)
        await channel.prefetch(concurrency)
        await channel.consume(queue, (message) => this.deliver(channel, message, handler))
      },
    })
    this.consumers.push(consumer)
  }

  async close(): Promise<void> {
    await Promise.all(this.consumers.map((consumer) => consumer.cancelAll().catch(() => undefined)))
    await Promise.all(this.running)
    await this.connection.close()
  }

  private async declareOnce(queue: string): Promise<void> {
    if (this.declared.has(queue)) return
    this.declared.add(queue)
    await this.publisher.addSetup((channel: ConfirmChannel) => declare(channel, queue))
  }

  private deliver(
    channel: ConfirmChannel,
    message: ConsumeMessage | null,
    handler: (id: string) => Promise<void>,
  ): void {
    if (!message) return
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
      () => settle(() => channel.nack(message, false, true)),
    )
    this.running.add(task)
    void task.finally(() => this.running.delete(task))
  }
}

/** The queue and the one that takes what could not be handled; a quorum queue counts deliveries itself. */
async function declare(channel: ConfirmChannel, queue: string): Promise<void> {
  await channel.assertQueue(`${queue}.dead`, { durable: true })
  await channel.assertQueue(queue, {
    durable: true,
    arguments: {
      'x-queue-type': 'quorum',
      'x-delivery-limit': MAX_DELIVERIES,
      'x-dead-letter-exchange': '',
      'x-dead-letter-routing-key': `${queue}.dead`,
    },
  })
}
