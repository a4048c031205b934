import { Injectable, Logger } from '@nestjs/common'
import { JobQueue, MAX_DELIVERIES } from './job-queue.js'

const REDELIVERY_MS = 1_000

interface Consumer {
  waiting: { id: string; deliveries: number }[]
  running: Set<Promise<void>>
  concurrency: number
  handler?: (id: string) => Promise<void>
}

/** The queue inside one process. */
@Injectable()
export class MemoryJobQueue extends JobQueue {
  private readonly logger = new Logger('Queue')
  private readonly consumers = new Map<string, Consumer>()
  private closed = false

  async publish(queue: string, id: string): Promise<void> {
    this.add(queue, id, 1)
  }

  async consume(queue: string, concurrency: number, handler: (id: string) => Promise<void>): Promise<void> {
    Object.assign(this.of(queue), { concurrency, handler })
    this.fill(this.of(queue), queue)
  }

  async close(): Promise<void> {
    this.closed = true
    await Promise.all([...this.consumers.values()].flatMap(({ running }) => [...running]))
  }

  private add(queue: string, id: string, deliveries: number): void {
    const consumer = this.of(queue)
    if (consumer.waiting.some((message) => message.id === id)) return
    consumer.waiting.push({ id, deliveries })
    this.fill(consumer, queue)
  }

  private fill(consumer: Consumer, queue: string): void {
    const { waiting, running, handler } = consumer
    while (handler && !this.closed && running.size < consumer.concurrency && waiting.length > 0) {
      const { id, deliveries } = waiting.shift()!
      const task = handler(id)
        .catch((error: unknown) => this.failed(queue, id, deliveries, error))
        .finally(() => {
          running.delete(task)
          this.fill(consumer, queue)
        })
      running.add(task)
    }
  }

  private failed(queue: string, id: string, deliveries: number, error: unknown): void {
    if (deliveries < MAX_DELIVERIES) setTimeout(() => this.add(queue, id, deliveries + 1), REDELIVERY_MS).unref()
    else this.logger.error(`${queue}: ${id} is given up after ${deliveries} deliveries: ${String(error)}`)
  }

  private of(queue: string): Consumer {
    const existing = this.consumers.get(queue)
    if (existing) return existing
    const created: Consumer = { waiting: [], running: new Set(), concurrency: 1 }
    this.consumers.set(queue, created)
    return created
  }
}
