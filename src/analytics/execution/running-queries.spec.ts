import { ROOT_PRINCIPAL } from '../../auth/key-authenticator.service.js'
import { describe, expect, it } from 'vitest'
import type { Principal } from '../../common/principal.js'
import { Config } from '../../config/config.js'
import {
  QueryAbortedError,
  QueryTimeoutError,
  ClickHouseUnavailableError,
} from '../../infrastructure/clickhouse/clickhouse.errors.js'
import { RunningQueries, type RunningQuery } from './running-queries.js'
import { EffectiveAccess } from '../../auth/access/effective-access.js'

const ANNA: Principal = {
  role: 'member',
  userId: 'anna',
  keyId: 'k1',
  rateLimitPerMinute: 60,
  rateLimits: [],
  access: EffectiveAccess.UNRESTRICTED,
}
const ANNAS_OTHER_KEY: Principal = { ...ANNA, keyId: 'k2' }
const BEN: Principal = {
  role: 'member',
  userId: 'ben',
  keyId: 'k3',
  rateLimitPerMinute: 60,
  rateLimits: [],
  access: EffectiveAccess.UNRESTRICTED,
}
const LIMITED = { code: 'RATE_LIMITED', options: { headers: { 'retry-after': expect.any(String) } } }

const started = (queries: RunningQueries, principal: Principal, count: number, key?: string): RunningQuery[] =>
  Array.from({ length: count }, () => queries.start(principal, key))

/** What `start` throws. */
function refusalOf(queries: RunningQueries, principal: Principal, key?: string): unknown {
  try {
    queries.start(principal, key).succeed()
    return undefined
  } catch (error) {
    return error
  }
}

describe('RunningQueries', () => {
  it('lets a user run so many at a time with all keys together, and others as many', () => {
    const queries = new RunningQueries(new Config())
    const own = [...started(queries, ANNA, 5), ...started(queries, ANNAS_OTHER_KEY, 3)]
    expect(refusalOf(queries, ANNA)).toMatchObject(LIMITED)
    expect(refusalOf(queries, ANNAS_OTHER_KEY)).toMatchObject(LIMITED)
    started(queries, BEN, 8)
    started(queries, ROOT_PRINCIPAL, 8)
    expect(refusalOf(queries, ROOT_PRINCIPAL)).toMatchObject(LIMITED)
    own[0]!.succeed()
    own[0]!.fail(new Error('counted once'))
    started(queries, ANNA, 1)
    expect(refusalOf(queries, ANNA)).toMatchObject(LIMITED)
  })

  it('counts requests that wait for the same query once, until the last of them has ended', () => {
    const queries = new RunningQueries(new Config())
    started(queries, ANNA, 7)
    const same = started(queries, ANNA, 20, 'key')
    expect(refusalOf(queries, ANNA)).toMatchObject(LIMITED)
    for (const query of same.slice(1)) query.succeed()
    expect(refusalOf(queries, ANNA)).toMatchObject(LIMITED)
    same[0]!.succeed()
    expect(refusalOf(queries, ANNA)).toBeUndefined()
    started(queries, BEN, 8, 'key')
  })

  it('makes a user whose failed queries have taken too much time wait, and nobody else', async () => {
    const config = Object.assign(new Config(), { failedQuerySecondsPerMinute: 0.05 })
    for (const failure of [new QueryTimeoutError(), new QueryAbortedError()]) {
      const queries = new RunningQueries(config)
      const work = async (): Promise<void> => {
        await new Promise((done) => setTimeout(done, 60))
        throw failure
      }
      for (const principal of [ANNA, ROOT_PRINCIPAL])
        await expect(queries.run(principal, undefined, work)).rejects.toBe(failure)
      expect(refusalOf(queries, ANNAS_OTHER_KEY)).toMatchObject(LIMITED)
      expect(refusalOf(queries, BEN)).toBeUndefined()
      expect(refusalOf(queries, ROOT_PRINCIPAL)).toBeUndefined()
    }
  })

  it('counts no failure while ClickHouse cannot be reached, and one failure once however many waited for it', async () => {
    const config = Object.assign(new Config(), { failedQuerySecondsPerMinute: 1 })
    const queries = new RunningQueries(config)
    const failing = (error: Error) => async (): Promise<void> => {
      await new Promise((done) => setTimeout(done, 200))
      throw error
    }
    const all = (error: Error, key?: string) =>
      Promise.allSettled(Array.from({ length: 8 }, () => queries.run(ANNA, key, failing(error))))
    await all(new ClickHouseUnavailableError())
    await all(new QueryTimeoutError(), 'same')
    expect(refusalOf(queries, ANNA)).toBeUndefined()
    await all(new QueryTimeoutError())
    expect(refusalOf(queries, ANNA)).toMatchObject(LIMITED)
  })
})
