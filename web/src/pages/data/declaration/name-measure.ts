import type { DraftColumn, DraftMeasure } from './draft'
import { MEASURE_KINDS } from './measure-types'

/** A name that nobody typed follows the type and the column: `total_sales`. `before`: the measure as it was. */
export function namedByItself(
  measure: DraftMeasure,
  before: DraftMeasure,
  columns: DraftColumn[],
  measures: DraftMeasure[],
): DraftMeasure {
  const wasProposed = before.name === '' || before.name === proposedName(before, columns)
  if (measure.name !== before.name || !wasProposed) return measure
  const name = proposedName(measure, columns)
  const isTaken = measures.some((each) => each.id !== measure.id && each.name === name)
  if (!name || isTaken) return measure
  // The title of the old name would be wrong of the new one; the server makes one of the name.
  return { ...measure, name, title: name === before.name ? measure.title : '' }
}

function proposedName({ type, column }: DraftMeasure, columns: DraftColumn[]): string {
  const name = columns.find(({ id }) => id === column)?.name
  return name ? `${MEASURE_KINDS[type].prefix}_${name}` : ''
}
