import { withMembers } from '../../../filters/filter'
import { withoutDefaults } from '../file-options/file-options'
import type { DatasetColumn, DatasetMeasure, Declaration, Price } from './declarations'
import {
  included,
  isTimeType,
  ROWS_ID,
  timeOf,
  timesOf,
  type Draft,
  type DraftColumn,
  type DraftMeasure,
} from './draft'
import { hasFilters, partsOf } from './measure-types'

/** The body that declares what was drafted; the server checks it. */
export function declarationOf(draft: Draft): Declaration {
  const { name, title, description } = draft
  const key = keyOf(draft)
  const measures = declaredMeasures(draft)
  const fileOptions = withoutDefaults(draft.fileOptions)
  const price = declaredPrice(draft.price)
  return {
    name: name.trim(),
    ...(title.trim() && { title: title.trim() }),
    ...(description.trim() && { description: description.trim() }),
    columns: included(draft).map(declaredColumn),
    ...(key.length > 0 && { key: key.map((column) => column.name) }),
    ...(timesOf(draft).length > 0 && { timeDimension: declaredTime(draft) }),
    ...(measures.length > 0 && { measures }),
    ...(price && { price }),
    ...(Object.keys(fileOptions).length > 0 && { fileOptions }),
  }
}

/** Null, not left out, for none: the server would take the only date there is. */
export function declaredTime(draft: Pick<Draft, 'columns' | 'timeDimension'>): string | null {
  return timeOf(draft)?.name.trim() ?? null
}

/** Null where everything costs what it does by default. */
export function declaredPrice({ query, export: exported, perMillionRows }: Price): Price | null {
  const price: Price = {
    ...(query !== undefined && { query }),
    ...(exported !== undefined && { export: exported }),
    ...(perMillionRows !== undefined && { perMillionRows }),
  }
  return Object.keys(price).length > 0 ? price : null
}

/** The columns of the key, in its order. */
export function keyOf(draft: Pick<Draft, 'columns'>): DraftColumn[] {
  return included(draft).filter(({ isKey }) => isKey)
}

/** With the fields that the type of the column has, and no others. */
export function declaredColumn(column: DraftColumn): DatasetColumn {
  const { name, source, title, description, type, required, scale, format, timezone, lowCardinality } = column
  return {
    name: name.trim(),
    ...(source.trim() && { source: source.trim() }),
    ...(title.trim() && { title: title.trim() }),
    ...(description.trim() && { description: description.trim() }),
    type,
    ...(required && { required }),
    ...(type === 'decimal' && scale !== undefined && { scale }),
    ...(isTimeType(type) && format.trim() && { format: format.trim() }),
    ...(type === 'timestamp' && timezone && { timezone }),
    ...(type === 'text' && lowCardinality && { lowCardinality }),
  }
}

export function declaredMeasures(draft: Pick<Draft, 'columns' | 'measures'>): DatasetMeasure[] {
  return draft.measures.map((measure) => declaredMeasure(measure, draft))
}

function declaredMeasure(
  measure: DraftMeasure,
  { columns: known, measures: all }: Pick<Draft, 'columns' | 'measures'>,
): DatasetMeasure {
  const columns = included({ columns: known })
  const { name, title, type, level, description, filters } = measure
  const parts = partsOf(type)
  const column = parts.includes('column') && nameOf(columns, measure.column)
  const by = parts.includes('by') && nameOf(columns, measure.by)
  const numerator = parts.includes('numerator') && nameOfMeasure(all, measure.numerator)
  const denominator = parts.includes('denominator') && nameOfMeasure(all, measure.denominator)
  return {
    name: name.trim(),
    ...(title.trim() && { title: title.trim() }),
    ...(description.trim() && { description: description.trim() }),
    type,
    ...(column && { column }),
    ...(parts.includes('level') && level !== undefined && { level }),
    ...(by && { by }),
    ...(numerator && { numerator }),
    ...(denominator && { denominator }),
    // One that was left out is named as well: the server says so beside its filter.
    ...(hasFilters(type) && filters.length > 0 && { filters: withMembers(filters, (id) => nameOf(known, id) ?? id) }),
  }
}

function nameOf(all: { id: string; name: string }[], id: string): string | undefined {
  return all.find((each) => each.id === id)?.name.trim()
}

function nameOfMeasure(all: DraftMeasure[], id: string): string | undefined {
  return id === ROWS_ID ? ROWS_ID : nameOf(all, id)
}
