import { nameHint, quoted } from '../../common/errors/unknown-name.js'
import type { ColumnType } from '../dataset-definition.js'
import type { ValidationErrorCollector } from '../filters/validation-errors.js'
import type { Declaration, DeclaredColumn, DeclaredMeasure, MeasureType } from './declaration.js'
import { columnOf } from './definition-of.js'
import { parseMeasureFilters } from './measure-filters.js'
import { ROWS } from './measures.js'

const NUMBERS: readonly ColumnType[] = ['integer', 'decimal', 'number']
const ORDERED: readonly ColumnType[] = [...NUMBERS, 'date', 'timestamp']
const EVERY: readonly ColumnType[] = [...ORDERED, 'text', 'boolean']

/** The types of the column that a measure is of; none: it is of no column. */
const COLUMN_TYPES_OF: Record<MeasureType, readonly ColumnType[]> = {
  ...{ count: EVERY, sum: NUMBERS, avg: NUMBERS, quantile: ORDERED, latest: EVERY, ratio: [] },
  ...{ min: [...ORDERED, 'text'], max: [...ORDERED, 'text'], countDistinct: EVERY, approxCountDistinct: EVERY },
}

type Field = 'column' | 'level' | 'by' | 'numerator' | 'denominator' | 'filters'
const FIELDS_OF: Partial<Record<MeasureType, readonly Field[]>> = {
  quantile: ['column', 'level', 'filters'],
  latest: ['column', 'by', 'filters'],
  ratio: ['numerator', 'denominator'],
}
const USUAL_FIELDS: readonly Field[] = ['column', 'filters']
const ALL_FIELDS: readonly Field[] = ['column', 'level', 'by', 'numerator', 'denominator', 'filters']

export function checkMeasures({ name, columns, measures }: Declaration, errors: ValidationErrorCollector): void {
  const definitions = columns.map(columnOf)
  measures.forEach((measure, index) => {
    const at = `measures[${index}]`
    checkName(measure, measures.slice(0, index), columns, at, errors)
    const allowed = FIELDS_OF[measure.type] ?? USUAL_FIELDS
    for (const field of ALL_FIELDS)
      if (measure[field] !== undefined && !allowed.includes(field))
        errors.add(`${at}.${field}`, `does not go with the type ${measure.type}; leave it out`)
    if (measure.type === 'ratio') return checkRatio(measure, measures, columns, at, errors)
    checkColumn(measure, columns, at, errors)
    if (measure.type === 'quantile' && measure.level === undefined) errors.add(`${at}.level`, 'is required: 0 to 1')
    if (measure.type === 'latest') checkOrder(measure, columns, at, errors)
    if (measure.filters) parseMeasureFilters(measure.filters, `${at}.filters`, { name, columns: definitions }, errors)
  })
}

function checkName(
  { name, type, column, filters }: DeclaredMeasure,
  earlier: DeclaredMeasure[],
  columns: DeclaredColumn[],
  at: string,
  errors: ValidationErrorCollector,
): void {
  if (columns.some((each) => each.name === name))
    errors.add(`${at}.name`, `${quoted(name)} is a column; choose another name`)
  if (earlier.some((each) => each.name === name)) errors.add(`${at}.name`, `${quoted(name)} is there twice`)
  const isPlainCount = type === 'count' && column === undefined && filters === undefined
  if (name === ROWS.name && !isPlainCount)
    errors.add(`${at}.name`, `"${name}" counts the rows in every dataset; choose another name`)
}

function checkColumn(
  { type, column: name }: DeclaredMeasure,
  columns: DeclaredColumn[],
  at: string,
  errors: ValidationErrorCollector,
): void {
  if (name === undefined) {
    if (type !== 'count') errors.add(`${at}.column`, 'is required')
    return
  }
  const types = COLUMN_TYPES_OF[type]
  const fitting = columns.filter((column) => types.includes(column.type)).map((column) => column.name)
  if (fitting.includes(name)) return
  const known = columns.find((column) => column.name === name)
  const what = known ? `is ${known.type}, which ${type} does not take` : 'is not a column'
  errors.add(`${at}.column`, `${quoted(name)} ${what}. ${nameHint(name, fitting)}`.trimEnd())
}

function checkOrder(
  { by }: DeclaredMeasure,
  columns: DeclaredColumn[],
  at: string,
  errors: ValidationErrorCollector,
): void {
  const known = columns.filter(({ type }) => type !== 'boolean').map(({ name }) => name)
  if (by === undefined) errors.add(`${at}.by`, `is required: the column that orders the rows. ${nameHint(by, known)}`)
  else if (!known.includes(by))
    errors.add(`${at}.by`, `${quoted(by)} is not a column that orders rows. ${nameHint(by, known)}`)
}

function checkRatio(
  measure: DeclaredMeasure,
  measures: DeclaredMeasure[],
  columns: DeclaredColumn[],
  at: string,
  errors: ValidationErrorCollector,
): void {
  const known = [ROWS.name, ...measures.filter((each) => isNumeric(each, columns)).map(({ name }) => name)]
  for (const field of ['numerator', 'denominator'] as const) {
    const name = measure[field]
    if (name === undefined) errors.add(`${at}.${field}`, `is required. ${nameHint(name, known)}`)
    else if (!known.includes(name))
      errors.add(
        `${at}.${field}`,
        `${quoted(name)} is not a numeric measure of this dataset, or a ratio itself. ${nameHint(name, known)}`,
      )
  }
}

function isNumeric({ type, column: name }: DeclaredMeasure, columns: DeclaredColumn[]): boolean {
  if (type === 'ratio') return false
  if (['count', 'countDistinct', 'approxCountDistinct'].includes(type)) return true
  return NUMBERS.includes(columns.find((column) => column.name === name)?.type ?? 'text')
}
