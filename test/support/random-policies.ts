import type { OracleFilter, OracleQuery } from './query-oracle.js'
import type { SeededRandom } from '../../tools/generator/random.js'

// An independent reading of docs/users-and-keys.md, "Access policies": no code of src is used here.

/** A dataset as the test knows it. */
export interface PolicyDataset {
  name: string
  dimensions: string[]
  measures: string[]
  /** filters on dimensions */
  filters: (most: number) => OracleFilter[]
}

export interface DatasetPolicy {
  members: string[] | null
  filters: OracleFilter[]
}

export type DatasetPolicies = Record<string, DatasetPolicy>

export function randomPolicies(datasets: PolicyDataset[], random: SeededRandom): DatasetPolicies {
  const named = datasets.filter(() => random.chance(0.9))
  return Object.fromEntries(named.map((dataset) => [dataset.name, randomPolicy(dataset, random)]))
}

function randomPolicy({ dimensions, measures, filters }: PolicyDataset, random: SeededRandom): DatasetPolicy {
  const share = random.pick([0.3, 0.6, 0.9])
  const members = [...dimensions, ...measures].filter(() => random.chance(share))
  return { members: random.chance(0.3) ? null : members, filters: random.chance(0.25) ? [] : filters(2) }
}

/** What of a dataset the policies leave together; undefined: it does not exist. */
export function effectivePolicy(name: string, policies: DatasetPolicies[]): DatasetPolicy | undefined {
  const own = policies.flatMap((each) => each[name] ?? [])
  if (own.length < policies.length) return undefined
  const lists = own.flatMap(({ members }) => (members ? [members] : []))
  const members = lists.length === 0 ? null : lists.reduce((some, other) => some.filter((each) => other.includes(each)))
  return members?.length === 0 ? undefined : { members, filters: own.flatMap(({ filters }) => filters) }
}

/** Every member that a query names. */
export function namesIn({ timeDimension, order = [], filters = [], ...query }: OracleQuery): string[] {
  const ofFilter = ({ member, and = [], or = [] }: OracleFilter): string[] =>
    member ? [member] : [...and, ...or].flatMap(ofFilter)
  return [
    ...(query.select ?? []),
    ...(query.dimensions ?? []),
    ...(query.measures ?? []),
    ...(timeDimension ? [timeDimension.dimension] : []),
    ...filters.flatMap(ofFilter),
    ...order.map(([name]) => name),
  ]
}

/** The query without what does not exist for the caller; undefined when nothing is left to ask. */
export function fitted(query: OracleQuery, exists: (name: string) => boolean): OracleQuery | undefined {
  const { timeDimension: time, select, dimensions, measures, filters, ...rest } = query
  const fits: OracleQuery = {
    ...rest,
    ...(time && exists(time.dimension) && { timeDimension: time }),
    ...(select && { select: select.filter(exists) }),
    ...(dimensions && { dimensions: dimensions.filter(exists) }),
    ...(measures && { measures: measures.filter(exists) }),
    ...(filters && { filters: filters.filter((filter) => namesIn({ dataset: '', filters: [filter] }).every(exists)) }),
  }
  const isGrouped = fits.timeDimension?.granularity !== undefined
  const columns = [...(fits.select ?? []), ...(fits.dimensions ?? []), ...(fits.measures ?? [])]
  if (columns.length === 0 && !isGrouped) return undefined
  const ordered = [...columns, ...(isGrouped ? [fits.timeDimension!.dimension] : [])]
  if (fits.timeDimension?.compareDateRange) ordered.push('compareDateRange')
  if (fits.order) fits.order = fits.order.filter(([name]) => ordered.includes(name))
  return fits
}
