import { describe, expect, it } from 'vitest'
import type { Config } from '../config/config.js'
import { DatasetLookup } from '../datasets/dataset-lookup.js'
import { MemoryCache } from '../infrastructure/cache/memory-cache.js'
import { MemorySingleFlight } from '../infrastructure/cache/memory-single-flight.js'
import type { CompiledQuery } from './compiler/compiler.js'
import { CompiledQueries } from './compiler/compiled-queries.js'
import { JSON_RESPONSE, formatOf } from './execution/response-formats.js'
import { QueryCosts } from './query-costs.js'

const CSV = formatOf('text/csv')
const PRICE = { query: 2, export: 7, perMillionRows: 3 }

/** Instances that share a cache; each estimate of ClickHouse is lower than the one before, as after merges. */
class CostsFixture {
  version = 1
  estimates = 0
  private readonly cache = new MemoryCache()
  private readonly flights = new MemorySingleFlight()
  private readonly compiled = new CompiledQueries()
  private readonly datasets = new DatasetLookup()

  instance(): QueryCosts {
    const executor = { estimateRows: async () => 5_000_001 - 2_000_000 * this.estimates++ }
    const versions = { current: async () => ({ version: this.version }) }
    const config = { queryCostCredits: 1 } as Config
    return new QueryCosts(executor as never, this.cache, this.flights, versions as never, config)
  }

  query(body: object = {}, price: object | null = PRICE): CompiledQuery {
    const query = this.compiled.of({ dataset: 'transactions', measures: ['revenue'], ...body }, this.datasets)
    return { ...query, dataset: { ...query.dataset, price: price ?? undefined } as CompiledQuery['dataset'] }
  }
}

describe('QueryCosts', () => {
  it('has a price for queries and one for exports, and one for each begun million rows', async () => {
    const fixture = new CostsFixture()
    const costs = fixture.instance()
    expect(await costs.of(fixture.query())).toBe(2 + 3 * 6)
    expect(await costs.of(fixture.query(), CSV)).toBe(7 + 3 * 6)
    expect(await costs.of(fixture.query({}, null), CSV)).toBe(1)
    expect(await costs.of(fixture.query({}, { query: 4 }))).toBe(4)
  })

  it('says the same again on every instance until the dataset changes, however the query is written', async () => {
    const fixture = new CostsFixture()
    const [one, two] = [fixture.instance(), fixture.instance()]
    const all = [one.of(fixture.query()), two.of(fixture.query()), one.of(fixture.query({ maxCostCredits: 5 }))]
    expect(await Promise.all(all)).toEqual([20, 20, 20])
    expect(await two.estimatedRows(fixture.query({ limit: 100 }))).toBe(5_000_001)
    expect(fixture.estimates).toBe(1)
    fixture.version = 2
    expect(await two.of(fixture.query())).toBe(2 + 3 * 4)
    expect(await one.of(fixture.query())).toBe(2 + 3 * 4)
  })

  it('knows at once what it said of the same compiled query, at that version alone', async () => {
    const fixture = new CostsFixture()
    const costs = fixture.instance()
    const query = fixture.query()
    expect(costs.known(query, JSON_RESPONSE, 1)).toBeUndefined()
    await costs.of(query)
    expect(costs.known(query, JSON_RESPONSE, 1)).toBe(20)
    expect(costs.known(query, JSON_RESPONSE, 2)).toBeUndefined()
  })
})
