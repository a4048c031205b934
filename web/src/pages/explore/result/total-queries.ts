import { conditionsOf } from '../../../filters/filter'
import { addsUp, sidesOf, type AskedTotals } from '../../../results/pivot'
import { COMPARE, groupsOf, type ResultData, type ResultRow } from '../../../results/result-data'
import type { ResultView } from '../../../results/result-view'
import { shownMeasures } from '../../../results/views-for'
import { withoutEmptyParts, type ExploreQuery } from '../query'

/** The most that a response holds. */
const MAX_ROWS = 50_000

/** What to ask for the totals that cannot be summed up from a pivot: none where all can, or where nothing gives them. */
export function totalQueries(query: ExploreQuery, result: ResultData, view: ResultView): ExploreQuery[] {
  if (view.type !== 'pivot' || view.totals === false || groupsOf(query).includes(COMPARE)) return []
  const measures = shownMeasures(view, query).filter((name) => !addsUp(name, result))
  // A filter on a measure is one on groups: of fewer groups it would keep others.
  if (measures.length === 0 || isOfGroups(query, result)) return []
  const { down, across } = sidesOf(result, view)
  return [down, across, []].map((groups) => byGroups(query, measures, groups))
}

/** The results of these queries, in their order. */
export function askedTotals([ofRows = [], ofColumns = [], all = []]: ResultRow[][]): AskedTotals {
  return { ofRows, ofColumns, all: all[0] }
}

function byGroups(query: ExploreQuery, measures: string[], groups: string[]): ExploreQuery {
  const { timeDimension: time } = query
  const isByTime = time !== undefined && groups.includes(time.dimension)
  const { granularity: _granularity, ...range } = time ?? { dimension: '' }
  return withoutEmptyParts({
    ...query,
    measures,
    dimensions: query.dimensions?.filter((name) => groups.includes(name)),
    timeDimension: isByTime ? time : range.dateRange ? range : undefined,
    ...{ order: undefined, offset: undefined, total: undefined, limit: MAX_ROWS },
  })
}

function isOfGroups({ filters = [] }: ExploreQuery, { members }: ResultData): boolean {
  const measures = new Set(members.filter(({ kind }) => kind === 'measure').map(({ name }) => name))
  return conditionsOf(filters).some(({ member }) => measures.has(member))
}
