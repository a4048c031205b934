import { Injectable, Logger } from '@nestjs/common'
import { JobQueue, PoisonedMessageError, RETRY_DELAYS_MS, type Consumer } from './job-queue.js'

const SHOWN_CHARACTERS = 200

interface Waiting {
  message: string
  deliveries: number
}

interface Queue {
  waiting: Waiting[]
  running: Set<Promise<void>>
  consumer?: Consumer
}

/** The queue inside one process. Its dead letters are lines in the log. */
@Injectable()
export class MemoryJobQueue extends JobQueue {
  private readonly logger = new Logger('Queue')
  private readonly queues = new Map<string, Queue>()
  private closed = false

  constructor(private readonly retryDelaysMs = RETRY_DELAYS_MS) {
    super()
  }

  async declare(name: string): Promise<void> {
    this.of(name)
  }

  async publish(name: string, message: string): Promise<void> {
    this.add(name, { message, deliveries: 1 })
  }

  async consume(name: string, consumer: Consumer): Promise<void> {
    this.of(name).consumer = consumer
    this.fill(name)
  }

  async deadLetter(name: string, message: string, reason: string): Promise<void> {
    this.logger.error(`${name}: ${message.slice(0, SHOWN_CHARACTERS)} is given up: ${reason}`)
  }

  async depths(): Promise<{ queue: string; messages: number }[]> {
    return [...this.queues].map(([queue, { waiting }]) => ({ queue, messages: waiting.length }))
  }

  brokerVersion(): null {
    return null
  }

  async close(): Promise<void> {
    this.closed = true
    await Promise.all([...this.queues.values()].flatMap(({ running }) => [...running]))
  }

  private add(name: string, waiting: Waiting): void {
    this.of(name).waiting.push(waiting)
    this.fill(name)
  }

  private fill(name: string): void {
    const { waiting, running, consumer } = this.of(name)
    while (consumer && !this.closed && running.size < consumer.concurrency && waiting.length > 0) {
      const task = this.deliver(name, waiting.shift()!, consumer).finally(() => {
        running.delete(task)
        this.fill(name)
      })
      running.add(task)
    }
  }

  private async deliver(name: string, { message, deliveries }: Waiting, consumer: Consumer): Promise<void> {
    try {
      await consumer.handler(message)
    } catch (thrown) {
      const error = thrown as Error
      const delayMs = this.retryDelaysMs[deliveries - 1]
      if (delayMs !== undefined && !(error instanceof PoisonedMessageError))
        return this.later(name, { message, deliveries: deliveries + 1 }, delayMs, error)
      await this.giveUp(name, { message, deliveries }, consumer, error)
    }
  }

  private async giveUp(name: string, waiting: Waiting, consumer: Consumer, error: Error): Promise<void> {
    try {
      await consumer.onExhausted?.(waiting.message, error)
      await this.deadLetter(name, waiting.message, error.message)
    } catch (failure) {
      this.later(name, waiting, this.retryDelaysMs.at(-1)!, failure as Error)
    }
  }

  private later(name: string, waiting: Waiting, delayMs: number, error: Error): void {
    this.logger.warn(`${name}: failed, again in ${delayMs / 1000} s: ${error.message}`)
    setTimeout(() => this.add(name, waiting), delayMs).unref()
  }

  private of(name: string): Queue {
    const existing = this.queues.get(name)
    if (existing) return existing
    const created: Queue = { waiting: [], running: new Set() }
    this.queues.set(name, created)
    return created
  }
}
