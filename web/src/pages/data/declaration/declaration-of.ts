import { withoutDefaults } from '../file-options/file-options'
import type { DatasetColumn, DatasetMeasure, Declaration } from './declarations'
import { included, isTimeType, ROWS_ID, type Draft, type DraftColumn, type DraftMeasure } from './draft'
import { partsOf } from './measure-types'

/** The body that declares what was drafted; the server checks it. */
export function declarationOf(draft: Draft): Declaration {
  const { name, title, description, timeDimension } = draft
  const key = keyOf(draft)
  const measures = declaredMeasures(draft)
  const fileOptions = withoutDefaults(draft.fileOptions)
  const time = nameOf(included(draft), timeDimension)
  return {
    name: name.trim(),
    ...(title.trim() && { title: title.trim() }),
    ...(description.trim() && { description: description.trim() }),
    columns: included(draft).map(declaredColumn),
    ...(key.length > 0 && { key: key.map((column) => column.name) }),
    ...(time && { timeDimension: time }),
    ...(measures.length > 0 && { measures }),
    ...(Object.keys(fileOptions).length > 0 && { fileOptions }),
  }
}

/** The columns of the key, in its order. */
export function keyOf(draft: Pick<Draft, 'columns'>): DraftColumn[] {
  return included(draft).filter(({ isKey }) => isKey)
}

/** With the fields that the type of the column has, and no others. */
export function declaredColumn(column: DraftColumn): DatasetColumn {
  const { name, source, title, type, required, scale, format, timezone, lowCardinality } = column
  return {
    name: name.trim(),
    ...(source.trim() && { source: source.trim() }),
    ...(title && { title }),
    type,
    ...(required && { required }),
    ...(type === 'decimal' && scale !== undefined && { scale }),
    ...(isTimeType(type) && format.trim() && { format: format.trim() }),
    ...(type === 'timestamp' && timezone && { timezone }),
    ...(type === 'text' && lowCardinality && { lowCardinality }),
  }
}

export function declaredMeasures(draft: Pick<Draft, 'columns' | 'measures'>): DatasetMeasure[] {
  const columns = included(draft)
  return draft.measures.map((measure) => declaredMeasure(measure, columns, draft.measures))
}

function declaredMeasure(measure: DraftMeasure, columns: DraftColumn[], all: DraftMeasure[]): DatasetMeasure {
  const { name, title, type, level, description, filters } = measure
  const parts = partsOf(type)
  const column = parts.includes('column') && nameOf(columns, measure.column)
  const by = parts.includes('by') && nameOf(columns, measure.by)
  const numerator = parts.includes('numerator') && nameOfMeasure(all, measure.numerator)
  const denominator = parts.includes('denominator') && nameOfMeasure(all, measure.denominator)
  return {
    name: name.trim(),
    ...(title.trim() && { title: title.trim() }),
    ...(description && { description }),
    type,
    ...(column && { column }),
    ...(parts.includes('level') && level !== undefined && { level }),
    ...(by && { by }),
    ...(numerator && { numerator }),
    ...(denominator && { denominator }),
    ...(filters && type !== 'ratio' && { filters }),
  }
}

function nameOf(all: { id: string; name: string }[], id: string): string | undefined {
  return all.find((each) => each.id === id)?.name.trim()
}

function nameOfMeasure(all: DraftMeasure[], id: string): string | undefined {
  return id === ROWS_ID ? ROWS_ID : nameOf(all, id)
}
