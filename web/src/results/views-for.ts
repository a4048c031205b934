import { COMPARE, groupsOf, isAdditive, measuresOf, periodOf, type ResultData, type ResultQuery } from './result-data'
import type { ResultView, ViewType } from './result-view'

type Shape = Pick<ResultData, 'query' | 'members'>

/** The views that suit the result of a query, the best one first. Every result can be a table. */
export function viewsFor({ query, members }: Shape): ViewType[] {
  const measures = measuresOf(query)
  const groups = groupsOf(query)
  if (measures.length === 0) return ['table']
  if (groups.length === 0) return ['figure', 'table']
  const isRing = groups.length === 1 && !periodOf(query) && measures.some((name) => isAdditive(name, { members }))
  // On top of each other stands only what adds up.
  const stacks = (types: ViewType[]) => (measures.some((name) => isAdditive(name, { members })) ? types : [])
  const pivot: ViewType[] = groups.filter((name) => name !== COMPARE).length > 1 ? ['pivot'] : []
  if (periodOf(query)) return ['line', 'bar', ...stacks(['stackedBar', 'area']), ...pivot, 'table']
  if (query.timeDimension?.compareDateRange)
    return groups.length === 1 ? ['figure', 'table', 'bar'] : ['table', 'bar', ...pivot]
  return ['bar', ...stacks(['stackedBar']), ...(isRing ? (['ring'] as const) : []), ...pivot, 'table']
}

/** The view to begin with. */
export function defaultView(shape: Shape): ResultView {
  return { type: viewsFor(shape)[0]! }
}

/** The view as the result can have it: another type where it does not suit, and no column that is gone. */
export function fittingView(view: ResultView | undefined, shape: Shape): ResultView {
  if (!view || !viewsFor(shape).includes(view.type)) return { ...view, ...defaultView(shape) }
  return view
}

/** The measures of a chart: of a stack those that add up. */
export function drawnMeasures(view: ResultView, { query, members }: Shape): string[] {
  const shown = shownMeasures(view, query)
  if (view.type !== 'stackedBar' && view.type !== 'area' && view.type !== 'ring') return shown
  const additive = shown.filter((name) => isAdditive(name, { members }))
  return additive.length > 0 ? additive : measuresOf(query).filter((name) => isAdditive(name, { members }))
}

/** The measures that a view shows, never none. */
export function shownMeasures({ measures }: ResultView, query: ResultQuery): string[] {
  const all = measuresOf(query)
  const shown = all.filter((name) => measures?.includes(name))
  return shown.length > 0 ? shown : all
}
