import { Logger } from '@nestjs/common'
import { connect } from 'amqplib'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { UnavailableError } from '../../src/common/errors/app-error.js'
import { PoisonedMessageError, type JobQueue } from '../../src/infrastructure/queue/job-queue.js'
import { MemoryJobQueue } from '../../src/infrastructure/queue/memory-job-queue.js'
import { RabbitmqJobQueue } from '../../src/infrastructure/queue/rabbitmq-job-queue.js'
import { retryQueueOf } from '../../src/infrastructure/queue/rabbitmq-topology.js'
import { TestRabbitmq, rabbitmqInstalled } from '../support/rabbitmq.js'

Logger.overrideLogger(false)

/** Short ones, so that a test sees them all. */
const RETRY_DELAYS_MS = [100, 400, 700]
const MAX_DELIVERIES = RETRY_DELAYS_MS.length + 1

let named = 0
const freshName = (): string => `test.queue.${++named}`
const ids = (count: number): string[] => Array.from({ length: count }, (_, at) => `job-${at}`)

/** A handler that notes what it gets, and holds each message until it is let go. */
class Held {
  readonly begun: string[] = []
  readonly done: string[] = []
  private release!: () => void
  private readonly released = new Promise<void>((resolve) => (this.release = resolve))

  readonly handle = async (id: string): Promise<void> => {
    this.begun.push(id)
    await this.released
    this.done.push(id)
  }

  letGo(): void {
    this.release()
  }
}

/** What every JobQueue does. */
function behavesAsJobQueue(create: () => JobQueue): void {
  let queue: JobQueue
  let name: string
  beforeEach(() => {
    queue = create()
    name = freshName()
  })
  afterEach(() => queue.close())

  const publishAll = async (all: string[]) => {
    for (const id of all) await queue.publish(name, id)
  }

  it('delivers each message once, in the order of their publication, to one handler at a time', async () => {
    const seen: string[] = []
    let running = 0
    await queue.consume(name, {
      concurrency: 1,
      handler: async (id) => {
        expect(++running).toBe(1)
        await sleep(2)
        running--
        seen.push(id)
      },
    })
    await publishAll(ids(40))
    await expect.poll(() => seen.length).toBe(40)
    expect(seen).toEqual(ids(40))
  })

  it('delivers what was published before anybody consumed', async () => {
    await publishAll(ids(5))
    const seen: string[] = []
    await queue.consume(name, { concurrency: 1, handler: async (id) => void seen.push(id) })
    await expect.poll(() => seen).toEqual(ids(5))
  })

  it('runs as many handlers side by side as it was told, and no more', async () => {
    const held = new Held()
    await queue.consume(name, { concurrency: 3, handler: held.handle })
    await publishAll(ids(8))
    await expect.poll(() => held.begun.length).toBe(3)
    await sleep(300)
    expect(held.begun).toHaveLength(3)
    held.letGo()
    await expect.poll(() => held.done.length).toBe(8)
  })

  it('keeps queues apart', async () => {
    const other = freshName()
    const seen: string[] = []
    await queue.consume(name, { concurrency: 1, handler: async (id) => void seen.push(`one ${id}`) })
    await queue.consume(other, { concurrency: 1, handler: async (id) => void seen.push(`other ${id}`) })
    await queue.publish(other, 'b')
    await queue.publish(name, 'a')
    await expect.poll(() => [...seen].sort()).toEqual(['one a', 'other b'])
  })

  it(`delivers what a handler refused again, ${MAX_DELIVERIES} times in all, and goes on with the next`, async () => {
    const seen: string[] = []
    await queue.consume(name, {
      concurrency: 1,
      handler: async (id) => {
        seen.push(id)
        if (id === 'bad') throw new Error('refused')
      },
    })
    await publishAll(['bad', 'good'])
    const deliveries = () => seen.filter((id) => id === 'bad').length
    await expect.poll(deliveries).toBe(MAX_DELIVERIES)
    await sleep(1_500)
    expect(deliveries()).toBe(MAX_DELIVERIES)
    expect(seen).toContain('good')
  })

  it('delivers again until the handler succeeds', async () => {
    const seen: string[] = []
    await queue.consume(name, {
      concurrency: 1,
      handler: async (id) => {
        seen.push(id)
        if (seen.length < MAX_DELIVERIES) throw new Error('not yet')
      },
    })
    await queue.publish(name, 'at last')
    await expect.poll(() => seen.length).toBe(MAX_DELIVERIES)
    await sleep(300)
    expect(seen).toHaveLength(MAX_DELIVERIES)
  })

  it('waits longer before each further delivery, and goes on with others meanwhile', async () => {
    const times: number[] = []
    const seen: string[] = []
    await queue.consume(name, {
      concurrency: 1,
      handler: async (id) => {
        seen.push(id)
        if (id !== 'bad') return
        times.push(performance.now())
        throw new Error('refused')
      },
    })
    await publishAll(['bad', 'good'])
    await expect.poll(() => times.length).toBe(MAX_DELIVERIES)
    expect(seen.slice(0, 2)).toEqual(['bad', 'good'])
    const waits = times.slice(1).map((time, at) => time - times[at]!)
    for (const [at, delayMs] of RETRY_DELAYS_MS.entries()) expect(waits[at]).toBeGreaterThan(delayMs * 0.95)
  })

  it('tells the consumer which message is given up and why, once, after its last delivery', async () => {
    const events: string[] = []
    await queue.consume(name, {
      concurrency: 1,
      handler: async () => {
        events.push('delivered')
        throw new Error('refused')
      },
      onExhausted: async (message, error) => void events.push(`${message}: ${error.message}`),
    })
    await queue.publish(name, 'bad')
    const all = [...Array.from({ length: MAX_DELIVERIES }, () => 'delivered'), 'bad: refused']
    await expect.poll(() => events).toEqual(all)
    await sleep(1_000)
    expect(events).toEqual(all)
  })

  it('gives a poisoned message up at once', async () => {
    const events: string[] = []
    await queue.consume(name, {
      concurrency: 1,
      handler: async (message) => {
        events.push(message)
        throw new PoisonedMessageError('not a job')
      },
      onExhausted: async (message, error) => void events.push(`${message}: ${error.message}`),
    })
    await queue.publish(name, '{"rows":[["é"]]}')
    await expect.poll(() => events).toEqual(['{"rows":[["é"]]}', '{"rows":[["é"]]}: not a job'])
    await sleep(500)
    expect(events).toHaveLength(2)
  })

  it('gives a message up again when that failed', async () => {
    let tries = 0
    await queue.consume(name, {
      concurrency: 1,
      handler: async () => {
        throw new PoisonedMessageError('poison')
      },
      onExhausted: async () => {
        if (++tries === 1) throw new Error('the database is down')
      },
    })
    await queue.publish(name, 'bad')
    await expect.poll(() => tries).toBe(2)
    await sleep(1_000)
    expect(tries).toBe(2)
  })

  it('closes when the handlers that run have ended, and takes up nothing meanwhile', async () => {
    const held = new Held()
    await queue.consume(name, { concurrency: 2, handler: held.handle })
    await publishAll(ids(4))
    await expect.poll(() => held.begun.length).toBe(2)
    let closed = false
    const closing = queue.close().then(() => (closed = true))
    await sleep(200)
    expect(closed).toBe(false)
    held.letGo()
    await closing
    expect(held.done).toEqual(held.begun)
    await sleep(200)
    expect(held.begun).toHaveLength(2)
  })
}

describe('MemoryJobQueue', () => {
  behavesAsJobQueue(() => new MemoryJobQueue(RETRY_DELAYS_MS))
})

describe.skipIf(!rabbitmqInstalled())('RabbitmqJobQueue', () => {
  let broker: TestRabbitmq
  const open: JobQueue[] = []

  beforeAll(async () => {
    broker = await TestRabbitmq.start()
  })
  afterEach(async () => {
    await Promise.all(open.splice(0).map((queue) => queue.close()))
  })
  afterAll(() => broker?.stop())

  const create = (retryDelaysMs = RETRY_DELAYS_MS): JobQueue => {
    const queue = new RabbitmqJobQueue(broker.url, retryDelaysMs)
    open.push(queue)
    return queue
  }
  behavesAsJobQueue(() => create())

  it('puts what it gives up into the dead-letter queue, whole', async () => {
    const [queue, name] = [create(), freshName()]
    await queue.consume(name, {
      concurrency: 1,
      handler: async () => {
        throw new Error('refused')
      },
    })
    await queue.publish(name, 'poison')
    await expect.poll(() => takeFrom(broker, `${name}.dead`)).toBe('poison')
    for (const queue of [name, ...RETRY_DELAYS_MS.map((delayMs) => `${name}.retry.${delayMs}ms`)])
      expect(await takeFrom(broker, queue)).toBeUndefined()
  })

  it('declares durable queues at start', async () => {
    const [queue, name] = [create(), freshName()]
    await queue.declare(name)
    const all = [name, `${name}.dead`, ...RETRY_DELAYS_MS.map((delayMs) => `${name}.retry.${delayMs}ms`)]
    for (const each of all) await expect.poll(() => exists(broker, each)).toBe(true)
  })

  it('buries a message among the dead letters with the reason', async () => {
    const [queue, name] = [create(), freshName()]
    await queue.deadLetter(name, 'job-1', 'the worker cannot see the file')
    const letter = await onChannel(broker, (channel) => channel.get(`${name}.dead`, { noAck: true }))
    if (!letter) throw new Error('nothing is there')
    expect(letter.content.toString()).toBe('job-1')
    expect(letter.properties.headers).toMatchObject({ 'x-reason': 'the worker cannot see the file' })
    expect(letter.properties.deliveryMode).toBe(2)
  })

  it('shares the messages between instances', async () => {
    const name = freshName()
    const seen: [number, string][] = []
    for (const instance of [1, 2])
      await create().consume(name, {
        concurrency: 1,
        handler: async (id) => {
          seen.push([instance, id])
          await sleep(20)
        },
      })
    const publisher = create()
    await Promise.all(ids(30).map((id) => publisher.publish(name, id)))
    await expect.poll(() => seen.length).toBe(30)
    expect(new Set(seen.map(([, id]) => id)).size).toBe(30)
    expect(new Set(seen.map(([instance]) => instance)).size).toBe(2)
  })

  it('gives what one instance did not take up any more at its end to the next', async () => {
    const name = freshName()
    const [leaving, held] = [create(), new Held()]
    await leaving.consume(name, { concurrency: 1, handler: held.handle })
    for (const id of ids(3)) await leaving.publish(name, id)
    await expect.poll(() => held.begun).toEqual(['job-0'])
    const closing = leaving.close()
    const seen: string[] = []
    await create().consume(name, { concurrency: 1, handler: async (id) => void seen.push(id) })
    held.letGo()
    await closing
    await expect.poll(() => seen).toEqual(['job-1', 'job-2'])
    await sleep(300)
    expect(seen).toEqual(['job-1', 'job-2'])
  })

  it('consumes again after its queue was deleted', async () => {
    const [queue, name] = [create(), freshName()]
    const seen: string[] = []
    await queue.consume(name, { concurrency: 1, handler: async (id) => void seen.push(id) })
    await queue.publish(name, 'before')
    await expect.poll(() => seen).toEqual(['before'])
    await onChannel(broker, (channel) => channel.deleteQueue(name))
    const publisher = create()
    await publisher.publish(name, 'after')
    await expect.poll(() => seen).toEqual(['before', 'after'])
  })

  describe('when the broker goes away', () => {
    it('refuses to publish within about 5 s, closes if asked to, keeps what it took, and is back when the broker is', async () => {
      const [queue, name, waiting] = [create(), freshName(), freshName()]
      const seen: string[] = []
      const leaving = create()
      await leaving.consume(freshName(), { concurrency: 1, handler: async () => undefined })
      await queue.consume(name, { concurrency: 1, handler: async (id) => void seen.push(id) })
      await queue.publish(name, 'before')
      await queue.publish(waiting, 'survivor')
      await expect.poll(() => seen).toEqual(['before'])

      await broker.shutDown()
      // One that knows the queue, and one that starts while there is no broker.
      const newcomer = create()
      const startedAt = performance.now()
      const refusals = await Promise.allSettled([queue.publish(name, 'lost'), newcomer.publish(name, 'lost too')])
      expect(performance.now() - startedAt).toBeLessThan(15_000)
      for (const refusal of refusals)
        expect(refusal).toMatchObject({ status: 'rejected', reason: expect.any(UnavailableError) })
      await newcomer.consume(waiting, { concurrency: 1, handler: async (id) => void seen.push(id) })
      const closedAt = performance.now()
      await leaving.close()
      expect(performance.now() - closedAt).toBeLessThan(15_000)

      await broker.startAgain()
      await expect.poll(() => seen).toEqual(['before', 'survivor'])
      await queue.publish(name, 'after')
      await expect.poll(() => seen.filter((id) => !id.startsWith('lost'))).toContain('after')
    })

    it('delivers again what was in work then', async () => {
      const [queue, name, held] = [create(), freshName(), new Held()]
      await queue.consume(name, { concurrency: 1, handler: held.handle })
      await queue.publish(name, 'in work')
      await expect.poll(() => held.begun.length).toBe(1)
      await broker.shutDown()
      held.letGo()
      await broker.startAgain()
      await expect.poll(() => held.done).toEqual(['in work', 'in work'])
    })

    // Long enough for the broker to be back: what expires while its queues are not may come minutes later.
    it('delivers what waited for its next delivery', async () => {
      const [queue, name] = [create([20_000]), freshName()]
      let deliveries = 0
      await queue.consume(name, {
        concurrency: 1,
        handler: async () => {
          if (++deliveries === 1) throw new Error('not yet')
        },
      })
      await queue.publish(name, 'patient')
      await expect.poll(() => deliveries).toBe(1)
      await expect.poll(() => waitingIn(broker, retryQueueOf(name, 20_000))).toBe(1)
      await broker.shutDown()
      await broker.startAgain()
      await expect.poll(() => deliveries).toBe(2)
    })
  })
})

async function waitingIn(broker: TestRabbitmq, queue: string): Promise<number> {
  const connection = await connect(broker.url)
  connection.on('error', () => undefined)
  try {
    return (await (await connection.createChannel()).checkQueue(queue)).messageCount
  } finally {
    await connection.close()
  }
}

async function exists(broker: TestRabbitmq, queue: string): Promise<boolean> {
  const connection = await connect(broker.url)
  connection.on('error', () => undefined)
  try {
    const channel = await connection.createChannel()
    channel.on('error', () => undefined)
    return await channel.checkQueue(queue).then(
      () => true,
      () => false,
    )
  } finally {
    await connection.close()
  }
}

async function takeFrom(broker: TestRabbitmq, queue: string): Promise<string | undefined> {
  return onChannel(broker, async (channel) => {
    const message = await channel.get(queue, { noAck: true })
    return message ? message.content.toString() : undefined
  })
}

async function onChannel<T>(
  broker: TestRabbitmq,
  work: (channel: Awaited<ReturnType<Awaited<ReturnType<typeof connect>>['createChannel']>>) => Promise<T>,
): Promise<T> {
  const connection = await connect(broker.url)
  try {
    return await work(await connection.createChannel())
  } finally {
    await connection.close()
  }
}
