import { columnsOf, type ExploreQuery } from '../query'

/** A change of the columns, by which no order may name one that is gone. */
export function withColumns(query: ExploreQuery, changes: Partial<ExploreQuery>): Partial<ExploreQuery> {
  const columns = columnsOf({ ...query, ...changes })
  return { ...changes, order: query.order?.filter(([name]) => columns.includes(name)) }
}
