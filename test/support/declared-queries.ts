import { RandomFilters } from './declared-filters.js'
import type { DeclaredFixture, Row } from './declared-fixtures.js'
import type { OracleMember, OracleMembers } from './declared-members.js'
import type { OracleQuery } from './query-oracle.js'
import type { SeededRandom } from '../../tools/generator/random.js'

const DAY_GRANULARITIES = ['day', 'week', 'month', 'quarter', 'year']

/** Queries of every shape that docs/queries.md describes. */
export class DeclaredQueries {
  private readonly filters: RandomFilters
  private readonly dimensions: OracleMember[]
  private readonly measures: OracleMember[]
  private readonly times: OracleMember[]

  constructor(
    private readonly random: SeededRandom,
    private readonly fixture: DeclaredFixture,
    members: OracleMembers,
    rows: Row[],
  ) {
    this.filters = new RandomFilters(random, rows)
    this.dimensions = members.all.filter(({ isMeasure }) => !isMeasure)
    this.measures = members.all.filter(({ isMeasure }) => isMeasure)
    this.times = this.dimensions.filter(({ type }) => type === 'date' || type === 'timestamp')
  }

  next(): OracleQuery {
    const { random } = this
    const query = random.chance(0.25) ? this.rowsQuery() : this.groupsQuery()
    // What a rough sum is compared with or ordered by may be on either side.
    const exact = this.measures.filter(({ isRough }) => !isRough)
    if (random.chance(0.75)) query.filters = this.filters.some([...this.dimensions, ...(query.select ? [] : exact)], 3)
    const columns = [
      ...(query.select ?? []),
      ...(query.dimensions ?? []),
      ...(query.timeDimension?.granularity ? [query.timeDimension.dimension] : []),
      ...(query.measures ?? []).filter((name) => exact.some((each) => each.name === name)),
    ]
    if (random.chance(0.6)) query.order = random.some(columns, 3).map((name) => [name, random.pick(['asc', 'desc'])])
    if (random.chance(0.5)) query.limit = random.pick([1, 2, 7, 100, 50_000])
    if (random.chance(0.3)) query.offset = random.pick([0, 1, 5, 1_000_000])
    if (random.chance(0.4)) query.total = true
    if (this.fixture.zones.length > 0 && random.chance(0.5)) query.timezone = random.pick(this.fixture.zones)
    return query
  }

  private rowsQuery(): OracleQuery {
    const timeDimension = this.random.chance(0.2) ? this.timeDimension(false) : undefined
    return {
      dataset: this.fixture.declaration.name,
      select: this.random.some(this.dimensions, 8, 1).map(({ name }) => name),
      ...(timeDimension && { timeDimension }),
    }
  }

  private groupsQuery(): OracleQuery {
    const { random } = this
    const timeDimension = random.chance(0.4) ? this.timeDimension(random.chance(0.8)) : undefined
    const grouped = timeDimension?.granularity ? timeDimension.dimension : undefined
    const few = this.dimensions.filter(({ type }) => type === 'text' || type === 'boolean')
    const likely = random.chance(0.7) ? few : this.dimensions
    const dimensions = random.some(likely, 3).filter(({ name }) => name !== grouped)
    const measures = random.some(this.measures, 6, dimensions.length > 0 || grouped ? 0 : 1)
    const names = (members: OracleMember[]) => members.map(({ name }) => name)
    return {
      ...{ dataset: this.fixture.declaration.name, dimensions: names(dimensions), measures: names(measures) },
      ...(timeDimension && { timeDimension }),
    }
  }

  private timeDimension(granular: boolean): OracleQuery['timeDimension'] {
    const { random } = this
    const of = random.pick(this.times)
    const dateRange = this.filters.range(of)
    if (!granular) return { dimension: of.name, dateRange }
    const parts = of.type === 'timestamp' ? ['minute', 'hour', 'hour'] : []
    const granularity = random.pick([...DAY_GRANULARITIES, ...parts])
    return { dimension: of.name, granularity, ...(random.chance(0.5) && { dateRange }) }
  }
}
