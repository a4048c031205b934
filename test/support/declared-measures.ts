import { RandomFilters } from './declared-filters.js'
import type { FixtureMeasure, Row } from './declared-fixtures.js'
import type { OracleMembers } from './declared-members.js'
import type { ValueType } from './declared-values.js'
import type { SeededRandom } from '../../tools/generator/random.js'

const TYPES_OF: Record<string, ValueType[]> = {
  ...{ sum: ['integer', 'decimal', 'number'], avg: ['integer', 'decimal', 'number'] },
  quantile: ['integer', 'decimal', 'number', 'date', 'timestamp'],
  ...{ min: ['integer', 'decimal', 'number', 'date', 'timestamp', 'text'] },
}
TYPES_OF.max = TYPES_OF.min!
const TYPES = ['count', 'sum', 'avg', 'min', 'max', 'countDistinct', 'approxCountDistinct', 'quantile', 'latest']

/** A measure of each type of as many columns, some with filters, and ratios of them. */
export function randomMeasures(members: OracleMembers, rows: Row[], random: SeededRandom): FixtureMeasure[] {
  const columns = members.all.filter(({ isMeasure }) => !isMeasure)
  const filters = new RandomFilters(random, rows)
  const measures = TYPES.flatMap((type) => {
    const fitting = columns.filter((column) => TYPES_OF[type]?.includes(column.type) ?? true)
    return random.some(fitting, 5, 2).map(({ name: column }): FixtureMeasure => {
      const own = random.chance(0.35) ? filters.some(columns, 2) : []
      return {
        ...{ name: `${type.toLowerCase()}_of_${column}`, type, column },
        ...(type === 'quantile' && { level: random.pick([0, 0.25, 0.5, 0.5, 0.9, 0.99, 1, random.next()]) }),
        ...(type === 'latest' && { by: random.pick(columns.filter((each) => each.type !== 'boolean')).name }),
        ...(own.length > 0 && { filters: own }),
      }
    })
  })
  const numeric = measures.filter(({ type, column }) => {
    const of = members.get(column!).type
    return /count/i.test(type) || of === 'integer' || of === 'decimal' || of === 'number'
  })
  const ratios = Array.from({ length: 5 }, (_, at): FixtureMeasure => {
    const [over, under] = [random.pick(numeric).name, random.pick([...numeric.map(({ name }) => name), 'rows'])]
    return { name: `ratio_${at}`, type: 'ratio', numerator: over, denominator: under }
  })
  return [...measures, ...ratios]
}
