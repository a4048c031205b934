import type { Condition, Filter } from '../../filters/filter'
import { lastDayOf } from '../../results/periods'
import { COMPARE, groupsOf, type ResultRow } from '../../results/result-data'
import { isDimension, isMeasure, type Dataset } from './datasets'
import { withoutEmptyParts, type ExploreQuery } from './query'

const SHOWN_COLUMNS = 8
const ROWS_LIMIT = 100

/** The filters by which only the rows behind a group are left. */
export function filtersOfRow(row: ResultRow, query: ExploreQuery): Condition[] {
  return groupsOf(query)
    .filter((name) => name !== COMPARE)
    .map((name) => filterOf(name, row, query))
}

/** The query with only that group left. */
export function narrowed(query: ExploreQuery, row: ResultRow): ExploreQuery {
  return withFilters(query, row)
}

/** The same measures of that group alone, by another dimension. */
export function brokenDown(query: ExploreQuery, row: ResultRow, dimension: string): ExploreQuery {
  const narrow = ofOneRange(withFilters(query, row), row)
  const [first] = query.measures ?? []
  return withoutEmptyParts({
    ...narrow,
    dimensions: [dimension],
    timeDimension: withoutPeriods(narrow.timeDimension),
    order: first ? [[first, 'desc']] : [],
  })
}

/** The rows that the group was computed from. */
export function rowsBehind(query: ExploreQuery, row: ResultRow, { key, members }: Dataset): ExploreQuery {
  const narrow = ofOneRange(withFilters(query, row), row)
  const groups = groupsOf(query).filter((name) => name !== COMPARE)
  const all = members.filter(isDimension).map(({ name }) => name)
  const select = [...new Set([...key, ...groups, ...all])].slice(0, Math.max(SHOWN_COLUMNS, key.length + groups.length))
  const measures = new Set(members.filter(isMeasure).map(({ name }) => name))
  return withoutEmptyParts({
    ...narrow,
    ...{ select, measures: [], dimensions: [], order: [], limit: ROWS_LIMIT },
    timeDimension: withoutPeriods(narrow.timeDimension),
    // Those of groups mean nothing for single rows.
    filters: narrow.filters?.filter((filter) => !isOfMeasures(filter, measures)),
  })
}

function filterOf(member: string, row: ResultRow, { timeDimension }: ExploreQuery): Condition {
  const value = row[member]
  if (value === null || value === undefined || value === '') return { member, operator: 'notSet' }
  if (timeDimension?.granularity && timeDimension.dimension === member)
    return {
      member,
      operator: 'inDateRange',
      values: [String(value), lastDayOf(String(value), timeDimension.granularity)],
    }
  return { member, operator: 'equals', values: [value] }
}

/** A filter that is there already is not there twice. */
function withFilters(query: ExploreQuery, row: ResultRow): ExploreQuery {
  const known = new Set((query.filters ?? []).map((filter) => JSON.stringify(filter)))
  const added = filtersOfRow(row, query).filter((filter) => !known.has(JSON.stringify(filter)))
  return { ...query, filters: [...(query.filters ?? []), ...added] }
}

/** Of compared ranges the one that the row is of. */
function ofOneRange(query: ExploreQuery, row: ResultRow): ExploreQuery {
  const range: unknown = row[COMPARE]
  if (typeof range !== 'string' || !query.timeDimension) return query
  const { compareDateRange: _compared, ...time } = query.timeDimension
  return { ...query, timeDimension: { ...time, dateRange: range.split(' - ') } }
}

function withoutPeriods(time: ExploreQuery['timeDimension']): ExploreQuery['timeDimension'] {
  return time?.dateRange ? { dimension: time.dimension, dateRange: time.dateRange } : undefined
}

function isOfMeasures(filter: Filter, measures: ReadonlySet<string>): boolean {
  if ('member' in filter) return measures.has(filter.member)
  return ('or' in filter ? filter.or : filter.and).some((part) => isOfMeasures(part, measures))
}
