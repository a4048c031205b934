import { LRUCache } from 'lru-cache'
import { refuseDeepNesting } from '../../common/pipes/validation.pipe.js'
import { isPlainObject } from '../../datasets/filters/validation-errors.js'
import type { DatasetLookup } from '../../datasets/dataset-lookup.js'
import type { TimeZones } from '../../infrastructure/clickhouse/time-zones.js'
import { parseQuery } from '../parsing/query-parser.js'
import { compile, type CompiledQuery } from './compiler.js'

const MAX_QUERIES = 4_000
/** Characters of SQL, of which a query has four statements. */
const MAX_TOTAL_LENGTH = 64 * 1024 * 1024

/**
 * Parses and compiles the repeated queries of dashboards only once: the result depends on the body, the dataset as it exists
 * for the caller and, with a relative date range, the day. JsonBodyGuard gives equal texts the same body, AccessibleDatasets
 * gives equal rights the same dataset.
 */
export class CompiledQueries {
  private readonly ids = new WeakMap<object, number>()
  private lastId = 0
  private readonly known = new LRUCache<string, CompiledQuery>({
    max: MAX_QUERIES,
    maxSize: MAX_TOTAL_LENGTH,
    sizeCalculation: ({ sql, totalSql }) => 2 * (sql.length + totalSql.length),
  })

  constructor(private readonly timeZones?: TimeZones) {}

  /** Of the datasets that exist for the caller. Throws ValidationError (400) with everything that is wrong with the body. */
  of(body: unknown, datasets: DatasetLookup): CompiledQuery {
    const key = this.keyOf(body, datasets)
    const known = key === undefined ? undefined : this.known.get(key)
    if (known && Date.now() < (known.validUntil ?? Infinity)) return known
    refuseDeepNesting(body)
    const query = compile(parseQuery(body, { datasets, timeZones: this.timeZones }))
    if (key !== undefined) this.known.set(key, query)
    return query
  }

  private keyOf(body: unknown, datasets: DatasetLookup): string | undefined {
    const name = isPlainObject(body) ? body.dataset : undefined
    const dataset = typeof name === 'string' ? datasets.find(name) : undefined
    return dataset && `${this.idOf(body as object)} ${this.idOf(dataset)}`
  }

  private idOf(object: object): number {
    const known = this.ids.get(object)
    if (known !== undefined) return known
    this.ids.set(object, ++this.lastId)
    return this.lastId
  }
}
