import type { FastifyReply, FastifyRequest } from 'fastify'
import { EventEmitter } from 'node:events'
import { PassThrough } from 'node:stream'
import { beforeEach, describe, expect, it } from 'vitest'
import { MemoryCache } from '../cache/memory-cache.js'
import { MemoryFlights } from '../cache/memory-flights.js'
import { AppError } from '../common/app-error.js'
import type { Caller } from '../common/caller.js'
import { Config } from '../config/config.js'
import { QueryTimeoutError } from '../warehouse/warehouse.errors.js'
import { AnswerCache } from './answer-cache.js'
import { QueriesService } from './queries.service.js'
import { QueryCharges } from './query-charges.js'
import type { QueryEngine } from './query-engine.js'
import { ReadyAnswers } from './ready-answers.js'

const QUESTION = { dataset: 'transactions', measures: ['transactions'] }
const CSV = { mediaType: 'text/csv', engineFormat: 'CSVWithNames' }
const CUSTOMER: Caller = { role: 'member', userId: 'u1', keyId: 'k1', rateLimitPerMinute: 60 }
const ROOT: Caller = { role: 'admin', userId: null, keyId: null, rateLimitPerMinute: null }

class FakeReply {
  readonly raw = Object.assign(new EventEmitter(), { destroyed: false, writableFinished: false })
  readonly sent: Record<string, unknown> = {}

  headers(headers: Record<string, unknown>): void {
    Object.assign(this.sent, headers)
  }

  leave(): void {
    this.raw.destroyed = true
    this.raw.emit('close')
  }

  finish(): void {
    this.raw.writableFinished = true
    this.raw.emit('finish')
    this.raw.emit('close')
  }
}

/** The service on fakes; `events` tells in order what it did to the account and the engine. */
class Scene {
  readonly events: string[] = []
  readonly config: Config
  readonly reply = new FakeReply()
  readonly request = { id: 'request-1', headers: {} } as FastifyRequest
  version = 1
  balance = 10
  engineAnswer = async (_signal: AbortSignal): Promise<string> => '[\n{"transactions":7}\n]'
  rateLimit = async (): Promise<void> => undefined
  stream = new PassThrough()

  private readonly engine = {
    answer: async (_question: unknown, signal: AbortSignal) => {
      this.events.push('engine')
      return { data: Buffer.from(await this.engineAnswer(signal)), returned: 1, total: null, rowsRead: 5 }
    },
    export: async () => this.stream,
  } as unknown as QueryEngine

  readonly credits = {
    charge: async ({ cost, reserve }: { cost: number; reserve: boolean }) => {
      if (cost > this.balance) throw new AppError('INSUFFICIENT_CREDITS', 'too little')
      this.events.push(reserve ? `charge ${cost}` : `charge ${cost} for good`)
      this.balance -= cost
      return { chargeId: 'c1', balance: this.balance }
    },
    settle: async () => void this.events.push('settle'),
    release: async (_id: string, reason: string) => void this.events.push(`release: ${reason}`),
  }

  readonly service: QueriesService

  constructor(queryCacheTtlSeconds = 60) {
    this.config = Object.assign(new Config(), { queryCacheTtlSeconds })
    this.service = this.build()
  }

  ask(body: unknown = QUESTION, caller = CUSTOMER) {
    return this.service.ask(body, this.asking(caller)).then((bytes) => JSON.parse(bytes.toString()))
  }

  asking(caller = CUSTOMER) {
    return { caller, request: this.request, reply: this.reply as unknown as FastifyReply }
  }

  private build(): QueriesService {
    const versions = { current: async () => ({ version: this.version, lastIngestionAt: null }) }
    return new QueriesService(
      { consumeQuery: () => this.rateLimit() } as never,
      new QueryCharges(this.credits as never, this.config),
      new AnswerCache(new MemoryCache(), new MemoryFlights(), versions as never, this.engine, this.config),
      new ReadyAnswers(this.config),
      this.engine,
      this.config,
    )
  }
}

describe('QueriesService', () => {
  let scene: Scene
  beforeEach(() => {
    scene = new Scene()
  })

  it('answers with the engine’s bytes, what it cost and what is left', async () => {
    const answer = await scene.ask()
    expect(answer).toEqual({
      data: [{ transactions: 7 }],
      columns: [{ name: 'transactions', type: 'integer' }],
      page: { limit: 100, offset: 0, returned: 1, total: null },
      query: {
        id: expect.any(String),
        dataset: 'transactions',
        cached: false,
        elapsedMs: expect.any(Number),
        rowsRead: 5,
      },
      credits: { charged: 1, remaining: 9 },
    })
    expect(scene.events).toEqual(['charge 1', 'engine', 'settle'])
    expect(scene.reply.sent).toEqual({ 'x-credits-charged': 1, 'x-credits-remaining': 9 })
    expect(scene.request.creditsCharged).toBe(1)
  })

  it('answers the same question from the cache, for the same price, until the dataset changes', async () => {
    await scene.ask()
    expect((await scene.ask()).query).toMatchObject({ cached: true, rowsRead: 0 })
    expect((await scene.ask({ ...QUESTION, total: true })).query.cached).toBe(false)
    scene.version = 2
    expect((await scene.ask()).query.cached).toBe(false)
    expect(scene.events.filter((event) => event === 'charge 1')).toHaveLength(3)
  })

  it('charges an answer from the cache for good, and gives the credit back when its client has left by then', async () => {
    await scene.ask()
    scene.events.length = 0
    await scene.ask()
    expect(scene.events).toEqual(['charge 1 for good', 'settle'])
    scene.events.length = 0
    const { charge } = scene.credits
    scene.credits.charge = async (input) => {
      scene.reply.leave()
      return charge(input)
    }
    await expect(scene.ask()).rejects.toMatchObject({ code: 'UNAVAILABLE' })
    expect(scene.events).toEqual(['charge 1 for good', 'release: the client went away'])
  })

  it('asks the engine again where the client wants it fresh, and keeps that answer', async () => {
    await scene.ask()
    scene.engineAnswer = async () => '[{"transactions":8}]'
    scene.request.headers['cache-control'] = 'max-age=0, No-Cache'
    expect(await scene.ask()).toMatchObject({ data: [{ transactions: 8 }], query: { cached: false } })
    scene.request.headers['cache-control'] = 'no-transform'
    expect(await scene.ask()).toMatchObject({ data: [{ transactions: 8 }], query: { cached: true } })
    expect(scene.events.filter((event) => event === 'engine')).toHaveLength(2)
  })

  it('explains an answer, also one from the cache, when it is asked to', async () => {
    expect((await scene.ask()).query.explain).toBeUndefined()
    const { query } = await scene.ask({ ...QUESTION, explain: true })
    expect(query).toMatchObject({ cached: true, rowsRead: 0, explain: { params: {}, rowsRead: 5 } })
    expect(query.explain.sql).toContain('count() AS `transactions`')
    expect(query.explain.cacheAgeMs).toBeGreaterThanOrEqual(0)
    scene.version = 2
    expect((await scene.ask({ ...QUESTION, explain: true })).query.explain.cacheAgeMs).toBeNull()
  })

  it('does not cache at all when the TTL is 0', async () => {
    scene = new Scene(0)
    await scene.ask()
    expect((await scene.ask()).query.cached).toBe(false)
  })

  it('refuses a wrong question before it counts or costs', async () => {
    scene.rateLimit = async () => void scene.events.push('limit')
    await expect(scene.ask({ dataset: 'nope' })).rejects.toMatchObject({ code: 'VALIDATION_FAILED' })
    expect(scene.events).toEqual([])
  })

  it('refuses too many questions before they cost', async () => {
    scene.rateLimit = async () => Promise.reject(new AppError('RATE_LIMITED', 'slow down'))
    await expect(scene.ask()).rejects.toMatchObject({ code: 'RATE_LIMITED' })
    expect(scene.events).toEqual([])
  })

  it('refuses who cannot pay, the root key included', async () => {
    scene.balance = 0
    await expect(scene.ask()).rejects.toMatchObject({ code: 'INSUFFICIENT_CREDITS' })
    await expect(scene.ask(QUESTION, ROOT)).rejects.toMatchObject({
      code: 'INSUFFICIENT_CREDITS',
      message: expect.stringContaining('create a user'),
      options: { extra: { required: 1, balance: 0 } },
    })
    expect(scene.events).toEqual([])
  })

  it('lets the root key ask where questions cost nothing', async () => {
    scene.config.queryCostCredits = 0
    expect((await scene.ask(QUESTION, ROOT)).credits).toEqual({ charged: 0, remaining: 0 })
  })

  it('gives the credit back when the engine fails', async () => {
    scene.engineAnswer = () => Promise.reject(new QueryTimeoutError())
    await expect(scene.ask()).rejects.toMatchObject({ code: 'QUERY_TIMEOUT' })
    expect(scene.events).toEqual(['charge 1', 'engine', 'release: the question failed'])
    expect(scene.request.creditsCharged).toBe(0)
    expect(scene.reply.sent).toEqual({})
  })

  it('stops the engine and gives the credit back when the client leaves', async () => {
    scene.engineAnswer = (signal) =>
      new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => {
          scene.events.push('engine stopped')
          reject(new Error('aborted'))
        })
        scene.reply.leave()
      })
    await expect(scene.ask()).rejects.toMatchObject({ code: 'UNAVAILABLE' })
    expect(scene.events).toEqual(['charge 1', 'engine', 'engine stopped', 'release: the client went away'])
  })

  it('gives the credit back when the client has left while the engine finished', async () => {
    scene.engineAnswer = async () => {
      scene.reply.leave()
      return '[\n\n]'
    }
    await expect(scene.ask()).rejects.toMatchObject({ code: 'UNAVAILABLE' })
    expect(scene.events).toEqual(['charge 1', 'engine', 'release: the client went away'])
  })

  it('tells the question’s failure even when the credit cannot be given back now', async () => {
    scene.credits.release = () => Promise.reject(new Error('no database'))
    scene.engineAnswer = () => Promise.reject(new QueryTimeoutError())
    await expect(scene.ask()).rejects.toMatchObject({ code: 'QUERY_TIMEOUT' })
  })

  describe('exports', () => {
    it('are paid when they have left whole', async () => {
      await scene.service.export(QUESTION, CSV, scene.asking())
      expect(scene.events).toEqual(['charge 1'])
      scene.reply.finish()
      expect(scene.events).toEqual(['charge 1', 'settle'])
    })

    it('cost nothing when the engine fails in the middle', async () => {
      const stream = await scene.service.export(QUESTION, CSV, scene.asking())
      stream.destroy(new QueryTimeoutError())
      await new Promise((done) => stream.once('close', done))
      scene.reply.leave()
      expect(scene.events).toEqual(['charge 1', 'release: the question failed'])
    })

    it('stop and cost nothing when the client leaves, once', async () => {
      await scene.service.export(QUESTION, CSV, scene.asking())
      scene.reply.leave()
      scene.reply.leave()
      expect(scene.stream.destroyed).toBe(true)
      expect(scene.events).toEqual(['charge 1', 'release: the client went away'])
    })
  })
})
