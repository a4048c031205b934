import { LRUCache } from 'lru-cache'
import { refuseDeepNesting } from '../../common/pipes/validation.pipe.js'
import { parseQuery } from '../parsing/query-parser.js'
import type { TimeZones } from '../parsing/time-zones.js'
import { compile, type CompiledQuery } from './compiler.js'

const MAX_QUERIES = 2_000
const MAX_TEXT_LENGTH = 4_096

/**
 * Parses and compiles the repeated queries of dashboards only once: the result depends on the body, the datasets and, with
 * a relative date range, the day. The least recently used one goes first.
 */
export class CompiledQueries {
  private readonly known = new LRUCache<string, CompiledQuery>({ max: MAX_QUERIES })

  constructor(private readonly timeZones?: TimeZones) {}

  /** `text` is what the body was parsed from. Throws ValidationError (400) with everything that is wrong with the body. */
  of(body: unknown, text: string | undefined): CompiledQuery {
    const key = text !== undefined && text.length <= MAX_TEXT_LENGTH ? text : undefined
    const known = key === undefined ? undefined : this.known.get(key)
    if (known && isValid(known)) return known
    const query = this.compile(body)
    if (key !== undefined) this.known.set(key, query)
    return query
  }

  private compile(body: unknown): CompiledQuery {
    refuseDeepNesting(body)
    return compile(parseQuery(body, { timeZones: this.timeZones }))
  }
}

function isValid({ validUntil = Infinity }: CompiledQuery): boolean {
  return Date.now() < validUntil
}
