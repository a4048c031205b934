import { Injectable } from '@nestjs/common'
import { ValidationError } from '../common/errors/app-error.js'
import { refuseDeepNesting } from '../common/pipes/validation.pipe.js'
import type { Principal } from '../common/principal.js'
import { compile } from '../analytics/compiler/compiler.js'
import { COMPARE, type ParsedQuery } from '../analytics/parsing/parsed-query.js'
import { parseQuery } from '../analytics/parsing/query-parser.js'
import { AccessibleDatasets } from '../datasets/access/accessible-datasets.js'
import { isGroup, type Filter } from '../datasets/filters/filter.js'
import { ClickHouseTimeZones } from '../infrastructure/clickhouse/time-zones.js'

const MAX_QUERY_LENGTH = 32 * 1024

/** What a query is about, to tell for whom it exists. */
export interface QuerySubject {
  dataset: string
  members: string[]
}

/** Tells whether a query can be executed by somebody, without executing it. */
@Injectable()
export class QueryCheck {
  constructor(
    private readonly datasets: AccessibleDatasets,
    private readonly timeZones: ClickHouseTimeZones,
  ) {}

  /** Throws ValidationError with what `POST /v1/query` would say to the same principal. */
  subjectOf(query: Record<string, unknown>, principal: Principal): QuerySubject {
    if (JSON.stringify(query).length > MAX_QUERY_LENGTH)
      throw new ValidationError([{ path: 'query', message: 'must not be larger than 32 KiB' }])
    try {
      const parsed = this.parsed(query, principal)
      compile(parsed)
      return { dataset: parsed.definition.name, members: membersOf(parsed) }
    } catch (error) {
      if (!(error instanceof ValidationError)) throw error
      const errors = error.options.errors ?? []
      throw new ValidationError(errors.map(({ path, message }) => ({ path: within('query', path), message })))
    }
  }

  /** Why the principal cannot execute a query that could be executed once; null where it can. */
  problemOf(query: Record<string, unknown>, principal: Principal): string | null {
    try {
      this.parsed(query, principal)
      return null
    } catch (error) {
      if (error instanceof ValidationError) return error.message
      throw error
    }
  }

  private parsed(query: Record<string, unknown>, { access }: Principal): ParsedQuery {
    refuseDeepNesting(query)
    return parseQuery(query, { datasets: this.datasets.of(access), timeZones: this.timeZones })
  }
}

function within(field: string, path: string): string {
  return path === '' ? field : `${field}.${path}`
}

function membersOf({ columns, filters, compare = [] }: ParsedQuery): string[] {
  const shown = columns.filter((column) => column !== COMPARE).map(({ member }) => member.name)
  const ranges = compare.map(({ condition }) => condition.member.name)
  return [...new Set([...shown, ...ranges, ...filters.flatMap(namesIn)])].sort()
}

function namesIn(filter: Filter): string[] {
  return isGroup(filter) ? filter.filters.flatMap(namesIn) : [filter.member.name]
}
