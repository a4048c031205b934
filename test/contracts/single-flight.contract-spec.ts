import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { SingleFlight } from '../../src/infrastructure/cache/single-flight.js'
import { MemorySingleFlight } from '../../src/infrastructure/cache/memory-single-flight.js'
import { RedisSingleFlight } from '../../src/infrastructure/cache/redis-single-flight.js'
import { AppError } from '../../src/common/errors/app-error.js'
import { redisInstalled, TestRedis } from '../support/redis.js'
import { freePort } from '../support/server.js'

const NEVER = new AbortController().signal

/** Work under control of the test, on a shelf that all instances see. */
class Bench {
  readonly shelf = new Map<string, string>()
  readonly signals: AbortSignal[] = []
  private ends: { resolve: (value: string) => void; reject: (error: unknown) => void }[] = []

  get begun(): number {
    return this.signals.length
  }

  join(singleFlight: SingleFlight, key: string, signal = NEVER, keeps = true): Promise<string> {
    const work = async (ending: AbortSignal) => {
      this.signals.push(ending)
      const value = await new Promise<string>((resolve, reject) => {
        this.ends.push({ resolve, reject })
        ending.addEventListener('abort', () => reject(new Error('stopped')))
      })
      if (keeps) this.shelf.set(key, value)
      return value
    }
    const joined = singleFlight.join(key, signal, { find: async () => this.shelf.get(key), work })
    joined.catch(() => undefined)
    return joined
  }

  async untilBegun(count: number): Promise<void> {
    await expect.poll(() => this.begun, { interval: 5 }).toBe(count)
  }

  finish(value: string): void {
    this.ends.shift()!.resolve(value)
  }

  fail(error: unknown): void {
    this.ends.shift()!.reject(error)
  }
}

/** What every SingleFlight does. */
function behavesAsFlights(create: () => Promise<SingleFlight>): void {
  let singleFlight: SingleFlight
  let bench: Bench
  beforeEach(async () => {
    singleFlight = await create()
    bench = new Bench()
  })
  afterEach(() => singleFlight.close())

  it('does the work of many callers once, and again when it has ended', async () => {
    const callers = Array.from({ length: 200 }, () => bench.join(singleFlight, 'same', NEVER, false))
    await bench.untilBegun(1)
    bench.finish('one')
    expect(new Set(await Promise.all(callers))).toEqual(new Set(['one']))
    const later = bench.join(singleFlight, 'same', NEVER, false)
    await bench.untilBegun(2)
    bench.finish('two')
    expect(await later).toBe('two')
  })

  it('keeps keys apart', async () => {
    const callers = ['a', 'b'].map((key) => bench.join(singleFlight, key))
    await bench.untilBegun(2)
    bench.finish('x')
    bench.finish('y')
    expect((await Promise.all(callers)).sort()).toEqual(['x', 'y'])
  })

  it('does not work for what is made already', async () => {
    bench.shelf.set('made', 'before')
    expect(await bench.join(singleFlight, 'made')).toBe('before')
    expect(bench.begun).toBe(0)
  })

  it('fails all callers with the error of the work, and begins again for the next', async () => {
    const callers = [bench.join(singleFlight, 'bad'), bench.join(singleFlight, 'bad')]
    await bench.untilBegun(1)
    bench.fail(new AppError('QUERY_TIMEOUT', 'too long'))
    for (const caller of callers) await expect(caller).rejects.toMatchObject({ code: 'QUERY_TIMEOUT' })
    const next = bench.join(singleFlight, 'bad')
    await bench.untilBegun(2)
    bench.finish('good')
    expect(await next).toBe('good')
  })

  it('lets callers leave one by one, and stops the work with the last of them', async () => {
    const leaving = [new AbortController(), new AbortController(), new AbortController()]
    const callers = leaving.map(({ signal }) => bench.join(singleFlight, 'left', signal))
    await bench.untilBegun(1)
    for (const [index, controller] of leaving.entries()) {
      expect(bench.signals[0]!.aborted).toBe(false)
      controller.abort(new Error(`caller ${index} left`))
      await expect(callers[index]).rejects.toThrow(`caller ${index} left`)
    }
    await expect.poll(() => bench.signals[0]!.aborted).toBe(true)
  })

  it('serves who stays when the first caller leaves, and who comes when all have left', async () => {
    const controller = new AbortController()
    const [first, second] = [bench.join(singleFlight, 'stay', controller.signal), bench.join(singleFlight, 'stay')]
    await bench.untilBegun(1)
    controller.abort()
    await expect(first).rejects.toThrow()
    bench.finish('for the second')
    expect(await second).toBe('for the second')

    const alone = new AbortController()
    const leaving = bench.join(singleFlight, 'gone', alone.signal)
    await bench.untilBegun(2)
    alone.abort()
    await expect(leaving).rejects.toThrow()
    const newcomer = bench.join(singleFlight, 'gone')
    await bench.untilBegun(3)
    bench.finish('')
    bench.finish('for the newcomer')
    expect(await newcomer).toBe('for the newcomer')
  })

  it('does not begin for a caller who has left before', async () => {
    await expect(bench.join(singleFlight, 'never', AbortSignal.abort(new Error('gone')))).rejects.toThrow('gone')
  })
}

describe('MemorySingleFlight', () => {
  behavesAsFlights(async () => new MemorySingleFlight())
})

describe.skipIf(!redisInstalled())('RedisSingleFlight', () => {
  let redis: TestRedis
  const open: RedisSingleFlight[] = []
  beforeAll(async () => {
    redis = await TestRedis.start()
  })
  afterAll(() => redis?.stop())
  afterEach(async () => {
    await Promise.all(open.splice(0).map((singleFlight) => singleFlight.close()))
  })

  const instance = async (url = redis.url): Promise<RedisSingleFlight> => {
    const singleFlight = new RedisSingleFlight(url)
    open.push(singleFlight)
    await singleFlight.settled()
    return singleFlight
  }
  behavesAsFlights(instance)

  const instances = () => Promise.all([instance(), instance(), instance()])

  it('does the work once for all instances', async () => {
    const [bench, all] = [new Bench(), await instances()]
    const callers = all.flatMap((singleFlight) =>
      Array.from({ length: 20 }, () => bench.join(singleFlight, 'everywhere')),
    )
    await bench.untilBegun(1)
    bench.finish('one')
    expect(new Set(await Promise.all(callers))).toEqual(new Set(['one']))
    expect(bench.begun).toBe(1)
  })

  it('fails the callers of all instances with what they may read of the error', async () => {
    const [bench, all] = [new Bench(), await instances()]
    const callers = all.map((singleFlight) => bench.join(singleFlight, 'failing'))
    await bench.untilBegun(1)
    bench.fail(new AppError('QUERY_TIMEOUT', 'too long'))
    for (const caller of callers) {
      await expect(caller).rejects.toMatchObject({ code: 'QUERY_TIMEOUT', message: 'too long' })
    }
    expect(bench.begun).toBe(1)
  })

  it('hands over when the callers of the leader have left', async () => {
    const [bench, [one, other]] = [new Bench(), await instances()]
    const controller = new AbortController()
    const first = bench.join(one, 'handed', controller.signal)
    await bench.untilBegun(1)
    const second = bench.join(other, 'handed')
    controller.abort()
    await expect(first).rejects.toThrow()
    await bench.untilBegun(2)
    bench.finish('')
    bench.finish('by the other')
    expect(await second).toBe('by the other')
  })

  it('hands over when the leader has died', async () => {
    const [bench, [dying, other]] = [new Bench(), await instances()]
    void bench.join(dying, 'orphan')
    await bench.untilBegun(1)
    const second = bench.join(other, 'orphan')
    // Without a connection it neither renews nor ends its lease.
    ;(dying as unknown as { connection: { close(): void } }).connection.close()
    await bench.untilBegun(2)
    bench.finish('')
    bench.finish('by the other')
    expect(await second).toBe('by the other')
  })

  it('does not make everybody wait in turn for what is too large to be kept', async () => {
    const [bench, all] = [new Bench(), await instances()]
    const callers = all.map((singleFlight) => bench.join(singleFlight, 'large', NEVER, false))
    await bench.untilBegun(1)
    bench.finish('x')
    await bench.untilBegun(3)
    bench.finish('x')
    bench.finish('x')
    expect(await Promise.all(callers)).toEqual(['x', 'x', 'x'])
  })

  it('goes on by itself without Redis, and when Redis goes away', async () => {
    const alone = new Bench()
    const nowhere = await instance(`redis://127.0.0.1:${await freePort()}`)
    const callers = [alone.join(nowhere, 'alone'), alone.join(nowhere, 'alone')]
    await alone.untilBegun(1)
    alone.finish('x')
    expect(await Promise.all(callers)).toEqual(['x', 'x'])

    const [bench, [one, other]] = [new Bench(), await instances()]
    const [first, second] = [bench.join(one, 'cut'), bench.join(other, 'cut')]
    await bench.untilBegun(1)
    await redis.shutDown()
    await bench.untilBegun(2)
    bench.finish('x')
    bench.finish('x')
    expect(await Promise.all([first, second])).toEqual(['x', 'x'])
    await redis.startAgain()
  })

  it('does not wait for a Redis that hangs', async () => {
    const [bench, [one]] = [new Bench(), await instances()]
    redis.pause()
    const caller = bench.join(one, 'hanging')
    await bench.untilBegun(1)
    bench.finish('x')
    expect(await caller).toBe('x')
    redis.resume()
  })
})
