import { ROOT_PRINCIPAL } from '../auth/key-authenticator.service.js'
import type { ExecutionContext } from '@nestjs/common'
import type { ModuleRef } from '@nestjs/core'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { EventEmitter } from 'node:events'
import { PassThrough, type Readable } from 'node:stream'
import { beforeEach, describe, expect, it } from 'vitest'
import { MemoryCache } from '../infrastructure/cache/memory-cache.js'
import { MemorySingleFlight } from '../infrastructure/cache/memory-single-flight.js'
import { AppError } from '../common/errors/app-error.js'
import type { Principal } from '../common/principal.js'
import { Config } from '../config/config.js'
import { CreditsGuard } from '../credits/credits.guard.js'
import { RequestCharges } from '../credits/request-charges.js'
import { QueryTimeoutError, ReaderStalledError } from '../infrastructure/clickhouse/clickhouse.errors.js'
import { DatasetLookup } from '../datasets/dataset-lookup.js'
import type { DatasetRegistry } from '../datasets/dataset-registry.js'
import { CompiledQueries } from './compiler/compiled-queries.js'
import type { QueryExecutor } from './execution/query-executor.js'
import type { EndpointCalls } from './endpoints/endpoint-calls.service.js'
import { QueryResultCache } from './execution/query-result-cache.js'
import { RunningQueries } from './execution/running-queries.js'
import { NODE_TIME_ZONES, type ClickHouseTimeZones } from '../infrastructure/clickhouse/time-zones.js'
import { QueriesController } from './queries.controller.js'
import { QueriesService } from './queries.service.js'
import { QueryGuard } from './query.guard.js'
import { QueryCosts } from './query-costs.js'
import { QueryPricing } from './query-pricing.js'
import { AccessibleDatasets } from '../datasets/access/accessible-datasets.js'
import { EffectiveAccess } from '../auth/access/effective-access.js'

const QUERY = { dataset: 'transactions', measures: ['transactions'] }
const CUSTOMER: Principal = {
  role: 'member',
  userId: 'u1',
  keyId: 'k1',
  rateLimitPerMinute: 60,
  rateLimits: [],
  access: EffectiveAccess.UNRESTRICTED,
}

class FakeReply {
  readonly raw = Object.assign(new EventEmitter(), {
    destroyed: false,
    writableFinished: false,
    headersSent: false,
  })
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

/** The service behind its guards and the call that settles, on fakes; `events` lists in order what they did to the account and ClickHouse. */
class QueryFixture {
  readonly events: string[] = []
  readonly config: Config
  readonly reply = new FakeReply()
  readonly request = { id: 'request-1', headers: {} } as FastifyRequest
  version = 1
  balance = 10
  clickhouseResult = async (_signal: AbortSignal): Promise<string> => '[\n{"transactions":7}\n]'
  rateLimit = async (): Promise<void> => undefined
  stream = new PassThrough()

  private readonly executor = {
    execute: async (_query: unknown, signal: AbortSignal) => {
      this.events.push('clickhouse')
      return { data: Buffer.from(await this.clickhouseResult(signal)), returned: 1, total: null, rowsRead: 5 }
    },
    export: async () => this.stream,
  } as unknown as QueryExecutor

  readonly credits = {
    charge: async ({ cost, reserve }: { cost: number; reserve: boolean }) => {
      if (cost > this.balance) throw new AppError('INSUFFICIENT_CREDITS', 'too little')
      this.events.push(reserve ? `charge ${cost}` : `charge ${cost} for good`)
      this.balance -= cost
      return { chargeId: 'c1', balance: this.balance }
    },
    settle: async () => void this.events.push('settle'),
    release: async (_id: string, reason: string) => void this.events.push(`release: ${reason}`),
    refund: async (_id: string, _user: string, reason: string) => void this.events.push(`refund: ${reason}`),
  }

  private readonly service: QueriesService
  private readonly queryGuard: QueryGuard
  private readonly creditsGuard: CreditsGuard
  private readonly charges: RequestCharges

  constructor(queryCacheTtlSeconds = 60) {
    this.config = Object.assign(new Config(), { queryCacheTtlSeconds })
    const versions = {
      current: async () => ({ version: this.version, lastIngestionAt: null }),
      lastKnown: () => this.version,
    }
    const bytes = new MemoryCache()
    const flights = new MemorySingleFlight()
    const cache = new QueryResultCache(bytes, flights, versions as never, this.executor, this.config)
    const running = new RunningQueries(this.config)
    const costs = new QueryCosts(this.executor, bytes, flights, versions as never, this.config)
    const pricing = new QueryPricing(cache, running, costs)
    const datasets = new AccessibleDatasets({ current: new DatasetLookup() } as DatasetRegistry)
    const compiled = new CompiledQueries()
    this.service = new QueriesService(cache, this.executor, running, costs)
    this.queryGuard = new QueryGuard(compiled, NODE_TIME_ZONES as ClickHouseTimeZones, datasets, {} as EndpointCalls)
    this.charges = new RequestCharges(this.credits as never, { of: async () => undefined } as never)
    this.creditsGuard = new CreditsGuard(this.charges, { get: () => pricing } as unknown as ModuleRef)
  }

  execute(body: unknown = QUERY, principal = CUSTOMER) {
    return this.through({ body, principal, acceptedType: 'application/json' }, (request, reply) =>
      this.service.execute(request, reply),
    ).then((bytes) => JSON.parse(bytes.toString()))
  }

  export(): Promise<Readable> {
    return this.through({ body: QUERY, principal: CUSTOMER, acceptedType: 'text/csv' }, (request, reply) =>
      this.service.export(request, reply),
    )
  }

  private async through<T>(
    request: Pick<FastifyRequest, 'body' | 'principal' | 'acceptedType'>,
    handler: (request: FastifyRequest, reply: FastifyReply) => T | Promise<T>,
  ): Promise<T> {
    Object.assign(this.request, request, {
      charge: undefined,
      queryExecution: undefined,
    })
    const reply = this.reply as unknown as FastifyReply
    const getArgByIndex = (index: number) => [this.request, reply][index]
    const getHandler = () => Object.getOwnPropertyDescriptor(QueriesController.prototype, 'query')!.value as object
    const context = { getArgByIndex, getHandler } as unknown as ExecutionContext
    this.queryGuard.canActivate(context)
    await this.rateLimit()
    await this.creditsGuard.canActivate(context)
    return this.charges.respond(this.request, reply, () => handler(this.request, reply))
  }
}

describe('QueriesService', () => {
  let fixture: QueryFixture
  beforeEach(() => {
    fixture = new QueryFixture()
  })

  it('responds with ClickHouse’s bytes, the charge and the balance', async () => {
    const response = await fixture.execute()
    expect(response).toEqual({
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
    expect(fixture.events).toEqual(['charge 1', 'clickhouse', 'settle'])
    expect(fixture.reply.sent).toEqual({ 'x-credits-charged': 1, 'x-credits-remaining': 9 })
    expect(fixture.request.creditsCharged).toBe(1)
  })

  it('takes the same query from the cache, for the same price, until the dataset changes', async () => {
    await fixture.execute()
    expect((await fixture.execute()).query).toMatchObject({ cached: true, rowsRead: 0 })
    expect((await fixture.execute({ ...QUERY, total: true })).query.cached).toBe(false)
    fixture.version = 2
    expect((await fixture.execute()).query.cached).toBe(false)
    expect(fixture.events.filter((event) => event === 'charge 1')).toHaveLength(3)
  })

  it('makes the charge of a cached result final at once, and gives the credit back when its client has left by then', async () => {
    await fixture.execute()
    fixture.events.length = 0
    await fixture.execute()
    expect(fixture.events).toEqual(['charge 1 for good', 'settle'])
    fixture.events.length = 0
    const { charge } = fixture.credits
    fixture.credits.charge = async (input) => {
      fixture.reply.leave()
      return charge(input)
    }
    await expect(fixture.execute()).rejects.toMatchObject({ code: 'UNAVAILABLE' })
    expect(fixture.events).toEqual(['charge 1 for good', 'release: the client went away'])
  })

  it('executes again where the client sends no-cache, and caches that result', async () => {
    await fixture.execute()
    fixture.clickhouseResult = async () => '[{"transactions":8}]'
    fixture.request.headers['cache-control'] = 'max-age=0, No-Cache'
    expect(await fixture.execute()).toMatchObject({ data: [{ transactions: 8 }], query: { cached: false } })
    fixture.request.headers['cache-control'] = 'no-transform'
    expect(await fixture.execute()).toMatchObject({ data: [{ transactions: 8 }], query: { cached: true } })
    expect(fixture.events.filter((event) => event === 'clickhouse')).toHaveLength(2)
  })

  it('explains a result, also a cached one, where the query has "explain"', async () => {
    expect((await fixture.execute()).query.explain).toBeUndefined()
    const { query } = await fixture.execute({ ...QUERY, explain: true })
    expect(query).toMatchObject({ cached: true, rowsRead: 0, explain: { params: {}, rowsRead: 5 } })
    expect(query.explain.sql).toContain('count() AS `transactions`')
    expect(query.explain.cacheAgeMs).toBeGreaterThanOrEqual(0)
    fixture.version = 2
    expect((await fixture.execute({ ...QUERY, explain: true })).query.explain.cacheAgeMs).toBeNull()
  })

  it('does not cache at all when the TTL is 0', async () => {
    fixture = new QueryFixture(0)
    await fixture.execute()
    expect((await fixture.execute()).query.cached).toBe(false)
  })

  it('refuses a wrong query before it counts or costs', async () => {
    fixture.rateLimit = async () => void fixture.events.push('limit')
    await expect(fixture.execute({ dataset: 'nope' })).rejects.toMatchObject({ code: 'VALIDATION_FAILED' })
    expect(fixture.events).toEqual([])
  })

  it('refuses too many queries before they cost', async () => {
    fixture.rateLimit = async () => Promise.reject(new AppError('RATE_LIMITED', 'slow down'))
    await expect(fixture.execute()).rejects.toMatchObject({ code: 'RATE_LIMITED' })
    expect(fixture.events).toEqual([])
  })

  it('refuses who cannot pay', async () => {
    fixture.balance = 0
    await expect(fixture.execute()).rejects.toMatchObject({ code: 'INSUFFICIENT_CREDITS' })
    expect(fixture.events).toEqual([])
  })

  it('refuses a query that costs more than its maxCostCredits, cached or not, and shares the results of others', async () => {
    const { cost } = (await fixture.execute({ ...QUERY, maxCostCredits: 0 }).catch((error: AppError) => {
      expect(error.code).toBe('COST_LIMIT_EXCEEDED')
      return error.options.extra
    })) as { cost: number }
    expect([cost, fixture.events]).toEqual([1, []])
    await fixture.execute()
    expect((await fixture.execute({ ...QUERY, maxCostCredits: 1 })).query.cached).toBe(true)
    await expect(fixture.execute({ ...QUERY, maxCostCredits: 0 })).rejects.toMatchObject({
      code: 'COST_LIMIT_EXCEEDED',
    })
    expect(fixture.balance).toBe(8)
  })

  it('charges the root key nothing, which has no account', async () => {
    fixture.balance = 0
    expect((await fixture.execute(QUERY, ROOT_PRINCIPAL)).credits).toEqual({ charged: 0, remaining: 0 })
    expect(fixture.events).toEqual(['clickhouse'])
  })

  it('gives the credit back when ClickHouse fails', async () => {
    fixture.clickhouseResult = () => Promise.reject(new QueryTimeoutError())
    await expect(fixture.execute()).rejects.toMatchObject({ code: 'QUERY_TIMEOUT' })
    expect(fixture.events).toEqual(['charge 1', 'clickhouse', 'release: the request failed'])
    expect(fixture.request.creditsCharged).toBe(0)
    expect(fixture.reply.sent).toEqual({})
  })

  it('stops ClickHouse and gives the credit back when the client leaves', async () => {
    fixture.clickhouseResult = (signal) =>
      new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => {
          fixture.events.push('clickhouse stopped')
          reject(new Error('aborted'))
        })
        fixture.reply.leave()
      })
    await expect(fixture.execute()).rejects.toMatchObject({ code: 'UNAVAILABLE' })
    expect(fixture.events).toEqual(['charge 1', 'clickhouse', 'clickhouse stopped', 'release: the client went away'])
  })

  it('gives the credit back when the client has left while ClickHouse finished', async () => {
    fixture.clickhouseResult = async () => {
      fixture.reply.leave()
      return '[\n\n]'
    }
    await expect(fixture.execute()).rejects.toMatchObject({ code: 'UNAVAILABLE' })
    expect(fixture.events).toEqual(['charge 1', 'clickhouse', 'release: the client went away'])
  })

  it('reports the query’s failure even when the credit cannot be given back now', async () => {
    fixture.credits.release = () => Promise.reject(new Error('no database'))
    fixture.clickhouseResult = () => Promise.reject(new QueryTimeoutError())
    await expect(fixture.execute()).rejects.toMatchObject({ code: 'QUERY_TIMEOUT' })
  })

  describe('exports', () => {
    it('are paid before their first byte leaves', async () => {
      await fixture.export()
      expect(fixture.events).toEqual(['charge 1', 'settle'])
      fixture.reply.finish()
      expect(fixture.events).toEqual(['charge 1', 'settle'])
    })

    it('give the credit back once when ClickHouse fails in the middle', async () => {
      const stream = await fixture.export()
      fixture.reply.raw.headersSent = true
      stream.destroy(new QueryTimeoutError())
      await new Promise((done) => stream.once('close', done))
      fixture.reply.leave()
      expect(fixture.events).toEqual(['charge 1', 'settle', 'refund: the request failed'])
      expect(fixture.request.creditsCharged).toBe(0)
    })

    it('stay paid when the client leaves after the first byte', async () => {
      await fixture.export()
      fixture.reply.raw.headersSent = true
      fixture.reply.leave()
      expect(fixture.stream.destroyed).toBe(true)
      expect(fixture.events).toEqual(['charge 1', 'settle'])
      expect(fixture.request.creditsCharged).toBe(1)
    })

    it('stay paid when the client takes nothing for so long that the result is given up', async () => {
      const stream = await fixture.export()
      fixture.reply.raw.headersSent = true
      stream.destroy(new ReaderStalledError())
      await new Promise((done) => stream.once('close', done))
      expect(fixture.events).toEqual(['charge 1', 'settle'])
    })

    it('stop and cost nothing when the client leaves before the first byte, once', async () => {
      await fixture.export()
      fixture.reply.leave()
      fixture.reply.leave()
      await new Promise((done) => setImmediate(done))
      expect(fixture.stream.destroyed).toBe(true)
      expect(fixture.events).toEqual(['charge 1', 'settle', 'refund: the client went away'])
    })

    it('are not begun, and cost nothing, when the client leaves while they are paid', async () => {
      const { settle } = fixture.credits
      fixture.credits.settle = async () => {
        fixture.reply.leave()
        return settle()
      }
      await expect(fixture.export()).rejects.toMatchObject({ code: 'UNAVAILABLE' })
      expect(fixture.events).toEqual(['charge 1', 'settle', 'refund: the client went away'])
    })

    it('are refused with a problem, and cost nothing, when ClickHouse fails while they are paid', async () => {
      const { settle } = fixture.credits
      fixture.credits.settle = async () => {
        fixture.stream.destroy(new QueryTimeoutError())
        await new Promise((done) => fixture.stream.once('close', done))
        return settle()
      }
      await expect(fixture.export()).rejects.toMatchObject({ code: 'QUERY_TIMEOUT' })
      expect(fixture.events).toEqual(['charge 1', 'settle', 'refund: the request failed'])
    })
  })
})
