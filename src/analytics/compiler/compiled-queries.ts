import { refuseDeepNesting } from '../../common/pipes/validation.pipe.js'
import { parseQuery } from '../parsing/query-parser.js'
import type { DatasetLookup } from '../../datasets/dataset-lookup.js'
import type { TimeZones } from '../../infrastructure/clickhouse/time-zones.js'
import { compile, type CompiledQuery } from './compiler.js'

/**
 * Parses and compiles the repeated queries of dashboards only once: the result depends on the body, the datasets and, with
 * a relative date range, the day. JsonBodyGuard gives equal texts the same body, and forgets which came longest ago.
 */
export class CompiledQueries {
  private readonly known = new WeakMap<object, CompiledQuery>()

  constructor(
    private readonly datasets: () => DatasetLookup,
    private readonly timeZones?: TimeZones,
  ) {}

  /** Throws ValidationError (400) with everything that is wrong with the body. */
  of(body: unknown): CompiledQuery {
    const known = this.known.get(body as object)
    if (known && this.isValid(known)) return known
    const query = this.compile(body)
    this.known.set(body as object, query)
    return query
  }

  private compile(body: unknown): CompiledQuery {
    refuseDeepNesting(body)
    return compile(parseQuery(body, { datasets: this.datasets(), timeZones: this.timeZones }))
  }

  /** Until its day is over, or its dataset is declared anew. */
  private isValid({ dataset, validUntil = Infinity }: CompiledQuery): boolean {
    return Date.now() < validUntil && this.datasets().find(dataset.name) === dataset
  }
}
