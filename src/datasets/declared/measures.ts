import { identifier } from '../../infrastructure/clickhouse/identifier.js'
import { identityOf, TABLE_ALIAS, type ColumnDefinition, type MeasureDefinition } from '../dataset-definition.js'
import { allOf } from '../filters/filter-sql.js'
import { SqlParams, type SqlParamValues } from '../filters/sql-params.js'
import { ValidationErrorCollector } from '../filters/validation-errors.js'
import * as aggregates from './aggregates.js'
import { titleOf, type Declaration, type DeclaredMeasure } from './declaration.js'
import { parseMeasureFilters } from './measure-filters.js'

/** Counts the rows; every declared dataset has it. */
export const ROWS: MeasureDefinition = {
  name: 'rows',
  title: 'Rows',
  sql: 'count()',
  storage: 'UInt64',
  additive: true,
}

type Filtered = Pick<MeasureDefinition, 'params'> & { condition?: string }

/** The measures of a declaration that was checked. */
export function measuresOf(declaration: Declaration, columns: ColumnDefinition[]): MeasureDefinition[] {
  const own: MeasureDefinition[] = []
  const rows = declaration.measures.filter(({ type }) => type !== 'ratio')
  for (const measure of rows) own.push(ofRows(measure, declaration, columns))
  const known = new Map([ROWS, ...own].map((measure) => [measure.name, measure]))
  const all = declaration.measures.map((measure) => known.get(measure.name) ?? ratioOf(measure, known))
  return all.some(({ name }) => name === ROWS.name) ? all : [ROWS, ...all]
}

function ofRows(measure: DeclaredMeasure, declaration: Declaration, columns: ColumnDefinition[]): MeasureDefinition {
  const { condition, params } = filtered(measure, declaration, columns)
  const columnOf = (name?: string) => columns.find(({ member }) => member === name)
  const aggregate = aggregateOf(measure, columnOf, declaration.key, condition)
  const { name, title = titleOf(name), description } = measure
  return { name, title, description, ...aggregate, params }
}

function aggregateOf(
  { type, column: columnName, by, level }: DeclaredMeasure,
  columnOf: (name?: string) => ColumnDefinition | undefined,
  key: string[],
  condition: string | undefined,
): aggregates.Aggregate {
  const column = columnOf(columnName)
  if (type === 'count') return aggregates.count(column, condition)
  switch (type) {
    case 'sum':
      return aggregates.sum(column!, condition)
    case 'avg':
      return aggregates.average(column!, condition)
    case 'min':
    case 'max':
      return aggregates.extreme(type, column!, condition)
    case 'countDistinct':
      return aggregates.distinct('uniqExact', column!, condition)
    case 'approxCountDistinct':
      return aggregates.distinct('uniq', column!, condition)
    case 'quantile':
      return aggregates.quantile(level!, column!, condition)
    case 'latest': {
      const identity = identityOf({ key }).map((name) => `${TABLE_ALIAS}.${identifier(name)}`)
      return aggregates.latest(column!, columnOf(by)!, identity, condition)
    }
    case 'ratio':
      throw new Error('a ratio is made of measures')
  }
}

function ratioOf(measure: DeclaredMeasure, known: Map<string, MeasureDefinition>): MeasureDefinition {
  const [over, under] = [known.get(measure.numerator!)!, known.get(measure.denominator!)!]
  const { name, title = titleOf(name), description = `${over.name} / ${under.name}` } = measure
  return { name, title, description, ...aggregates.quotient(over, under), params: { ...over.params, ...under.params } }
}

/** The measure's filters as one condition. Its parameters are named after the measure, so that a query may have several. */
function filtered(
  { name, filters = [] }: DeclaredMeasure,
  declaration: Declaration,
  columns: ColumnDefinition[],
): Filtered {
  if (filters.length === 0) return {}
  const errors = new ValidationErrorCollector()
  const parsed = parseMeasureFilters(filters, 'filters', { name: declaration.name, columns }, errors)
  errors.throwIfAny()
  const params = new SqlParams(`${name}__`)
  const condition = `ifNull(${allOf(parsed, params)}, 0)`
  return { condition, params: params.values satisfies SqlParamValues }
}
