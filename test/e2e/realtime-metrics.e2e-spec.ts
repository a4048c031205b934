import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startCluster, type TestCluster } from '../support/cluster.js'
import { event, metricsOf, send, steady } from '../support/events.js'
import { LiveReader } from '../support/live-reader.js'
import { COLLECTS_GARBAGE, keptBytes } from '../support/preload.js'
import { redisInstalled, TestRedis } from '../support/redis.js'
import type { TestServer } from '../support/server.js'
import { until } from '../support/until.js'

const REGIONS = ['EMEA', 'APAC', 'AMER']

let cluster: TestCluster
let sent = 0

beforeAll(async () => {
  cluster = await startCluster()
})
afterAll(async () => {
  await cluster?.stop()
})

/** Past the first count of what is there: until then metrics and streams are 503, which takes seconds on a busy machine. */
async function started(env?: Record<string, string>): Promise<TestServer> {
  const server = await cluster.start(env)
  await until(() => metricsOf(server))
  return server
}

/** So many events of a few types, and how the metrics change by them. */
const mixed = (count: number) =>
  Array.from({ length: count }, () => {
    const n = sent++
    return event(`type-${n % 5}`, n, { region: REGIONS[n % 3]!, amount: (n % 7) + 0.25 })
  })

const sameOn = async (servers: TestServer[]): Promise<any> => {
  const all = await Promise.all(servers.map(metricsOf))
  for (const each of all.slice(1)) expect(steady(each)).toEqual(steady(all[0]))
  expect(all[0].totalEvents).toBe(sent)
  return all[0]
}

/** Until the reader of another instance gets an event itself: the engine's count alone would bring a snapshot. */
const untilTold = (server: TestServer, reader: LiveReader): Promise<void> =>
  until(async () => {
    await send(server, mixed(1))
    const last = sent - 1
    await until(async () => expect(reader.events.map(({ values }) => values.n)).toContain(last), 1_000)
  }, 60_000)

describe('the totals of several instances', () => {
  it.runIf(redisInstalled())('are the same on all, whoever stored the events, also after Redis was away', async () => {
    const redis = await TestRedis.start()
    const [one, two] = await Promise.all([started({ REDIS_URL: redis.url }), started({ REDIS_URL: redis.url })])
    const reader = await LiveReader.open(two)
    await reader.snapshot()
    await untilTold(one, reader)
    for (let round = 0; round < 10; round++) await Promise.all([send(one, mixed(20)), send(two, mixed(20))])
    await until(async () => {
      const { totalEvents, eventsByType, regions } = await metricsOf(two)
      expect(steady({ totalEvents, eventsByType, regions })).toMatchObject({ totalEvents: sent })
      expect(Object.values<number>(eventsByType).reduce((sum, count) => sum + count)).toBe(sent)
      expect((await metricsOf(one)).regions).toEqual(regions)
    })
    await redis.shutDown()
    await Promise.all([send(one, mixed(30)), send(two, mixed(30))])
    // Own events go on at once; those of the other when the engine is asked.
    await until(async () => sameOn([one, two]))
    await redis.startAgain()
    await untilTold(one, reader)
    await until(async () => expect((await metricsOf(two)).totalEvents).toBe(sent))
    await until(async () => expect(reader.metrics().totalEvents).toBe(sent))
    await reader.close()
    await Promise.all([one.stop(), two.stop()])
    await redis.stop()
  })

  it('become the same without Redis, and a stream then shows what it could not be told', async () => {
    const [one, two] = await Promise.all([started(), started()])
    const reader = await LiveReader.open(two)
    expect((await reader.snapshot()).data.metrics.totalEvents).toBe(sent)
    await send(one, mixed(50))
    await until(async () => sameOn([one, two]))
    await until(async () => expect(steady(reader.metrics())).toEqual(steady(await metricsOf(one))))
    await reader.close()
    await Promise.all([one.stop(), two.stop()])
  })
})

describe('the totals of one instance', () => {
  it('are what was acknowledged, through stops and kills while events come', async () => {
    let server = await started()
    let unconfirmed = 0
    for (const end of ['stop', 'kill', 'kill'] as const) {
      let isSending = true
      let acknowledged = 0
      const sender = (async () => {
        while (isSending) {
          await send(server, mixed(10)).then(
            () => acknowledged++,
            () => ((unconfirmed += 10), (isSending = false)),
          )
        }
      })()
      await until(async () => expect(acknowledged).toBeGreaterThan(5))
      if (end === 'stop') {
        isSending = false
        await sender
      }
      await server[end]()
      await sender
      server = await started()
      const { totalEvents, eventsByType } = await metricsOf(server)
      // Of the request that was cut nobody knows whether it was stored; the engine does.
      expect(totalEvents).toBeLessThanOrEqual(sent)
      expect(totalEvents).toBeGreaterThanOrEqual(sent - unconfirmed)
      expect(Object.values<number>(eventsByType).reduce((sum, count) => sum + count)).toBe(totalEvents)
      unconfirmed -= sent - totalEvents
      sent = totalEvents
      // In the second of the start the engine has to count these.
      await send(server, mixed(100))
      await sameOn([server])
    }
    // The seam between what the engine counted and what was told since moves on; nothing counts twice.
    let surplus = 0
    let exact = 0
    await until(async () => {
      await send(server, mixed(10))
      const { totalEvents } = await metricsOf(server)
      surplus = Math.max(surplus, totalEvents - sent)
      if (totalEvents === sent) exact++
      expect(exact).toBeGreaterThan(60)
    }, 200_000)
    expect(surplus).toBe(0)
    await until(async () => sameOn([server]))
    await server.stop()
  })

  it('stay exact while 100,000 types, sources, regions and keys come, in bounded memory and answers', async () => {
    const server = await started(COLLECTS_GARBAGE)
    const reader = await LiveReader.open(server)
    await reader.snapshot()
    await send(server, mixed(50))
    const names = 100_000
    const before = await keptBytes(server)
    for (let from = 0; from < names; from += 5_000) {
      const events = Array.from({ length: 5_000 }, (_, index) => ({
        ...event(`name-${from + index}`, 1, { [`key-${from + index}`]: 'x'.repeat(20), region: `r-${from + index}` }),
        source: `source-${from + index}`,
      }))
      await send(server, events)
      sent += events.length
    }
    const metrics = await metricsOf(server)
    expect(metrics.totalEvents).toBe(sent)
    for (const name of ['eventsByType', 'eventsBySource'] as const) {
      expect(Object.keys(metrics[name]).length).toBeLessThanOrEqual(257)
      expect(Object.values<number>(metrics[name]).reduce((sum, count) => sum + count)).toBe(sent)
    }
    // Known types keep their own line, and exact.
    expect(metrics.eventsByType['type-0']).toBeGreaterThan(0)
    expect(Object.keys(metrics.regions).length).toBeLessThanOrEqual(257)
    expect(Object.keys(metrics.recentValues).length).toBeLessThanOrEqual(512)
    expect(Object.keys(metrics.timeSeries).length).toBeLessThanOrEqual(64)
    expect(JSON.stringify(metrics).length).toBeLessThan(2 * 1024 ** 2)
    await until(async () => expect(await keptBytes(server)).toBeLessThan(before + 20 * 1024 ** 2))
    await until(async () => expect(reader.metrics().totalEvents).toBe(sent))
    await reader.close()
    // A start counts the most frequent ones apart.
    await server.stop()
    const again = await started()
    const rebuilt = await metricsOf(again)
    expect(rebuilt.totalEvents).toBe(sent)
    expect(rebuilt.eventsByType['type-0']).toBe(metrics.eventsByType['type-0'])
    expect(Object.values<number>(rebuilt.eventsByType).reduce((sum, count) => sum + count)).toBe(sent)
    await again.stop()
  })
})

describe('a thousand readers', () => {
  it('each get the same frames', async () => {
    const server = await started({ LIVE_STREAMS_PER_USER: '1000' })
    const readers: LiveReader[] = []
    for (let opened = 0; opened < 1_000; opened += 50)
      readers.push(...(await Promise.all(Array.from({ length: 50 }, () => LiveReader.open(server)))))
    await until(async () => {
      for (const reader of readers) if (reader.frames[0]?.type !== 'snapshot') throw new Error('no snapshot yet')
    }, 60_000)
    await send(server, mixed(100))
    await until(async () => {
      for (const reader of readers) if (reader.events.length !== 100) throw new Error('not all events yet')
    }, 60_000)
    const [first] = readers
    for (const reader of readers) expect(reader.of('event')).toEqual(first!.of('event'))
    expect(await server.stop()).toBe(0)
    await until(async () => {
      for (const { closed } of readers) if (closed?.code !== 1001) throw new Error('not told yet')
    })
  })
})
