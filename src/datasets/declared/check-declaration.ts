import { nameHint, quoted, unknownName } from '../../common/errors/unknown-name.js'
import { RESERVED_NAMES } from '../built-in-datasets.js'
import type { ColumnType } from '../dataset-definition.js'
import type { TimeZones } from '../../infrastructure/clickhouse/time-zones.js'
import { parseDateFormat } from '../date-format.js'
import { comparable } from '../../common/comparable-name.js'
import type { ValidationErrorCollector } from '../filters/validation-errors.js'
import type { Declaration, DeclaredColumn } from './declaration.js'
import { checkMeasures } from './check-measures.js'
import { ROWS } from './measures.js'

const NO_KEY: readonly ColumnType[] = ['number']

/** Finds everything that is wrong with a declaration whose fields are of the right types. */
export function checkDeclaration(declaration: Declaration, errors: ValidationErrorCollector, zones: TimeZones): void {
  if (RESERVED_NAMES.includes(declaration.name))
    errors.add('name', `${quoted(declaration.name)} is reserved; choose another one`)
  checkColumns(declaration.columns, errors, zones)
  checkKey(declaration, errors)
  checkTimeDimension(declaration, errors)
  checkMeasures(declaration, errors)
}

function checkColumns(columns: DeclaredColumn[], errors: ValidationErrorCollector, zones: TimeZones): void {
  columns.forEach((column, index) => {
    const at = `columns[${index}]`
    const earlier = columns.slice(0, index)
    if (earlier.some(({ name }) => name === column.name))
      errors.add(`${at}.name`, `${quoted(column.name)} is there twice`)
    if (column.name === ROWS.name)
      errors.add(
        `${at}.name`,
        `"${ROWS.name}" counts the rows in every dataset; choose another name, with "source" for the header`,
      )
    const header = comparable(column.source ?? column.name)
    if (earlier.some((each) => comparable(each.source ?? each.name) === header))
      errors.add(`${at}.${column.source ? 'source' : 'name'}`, 'is matched by the header of another column')
    checkOptions(column, at, errors)
    checkTimes(column, at, errors, zones)
  })
}

function checkOptions(column: DeclaredColumn, at: string, errors: ValidationErrorCollector): void {
  const isTime = column.type === 'date' || column.type === 'timestamp'
  const misplaced: [keyof DeclaredColumn, boolean, string][] = [
    ['scale', column.type === 'decimal', 'decimals'],
    ['format', isTime, 'dates and timestamps'],
    ['timezone', column.type === 'timestamp', 'timestamps'],
    ['lowCardinality', column.type === 'text', 'texts'],
  ]
  for (const [field, fits, what] of misplaced)
    if (column[field] !== undefined && !fits) errors.add(`${at}.${field}`, `is for ${what}; leave it out`)
}

function checkTimes(
  { type, format, timezone }: DeclaredColumn,
  at: string,
  errors: ValidationErrorCollector,
  zones: TimeZones,
): void {
  if (format !== undefined && (type === 'date' || type === 'timestamp')) {
    const parsed = parseDateFormat(format, type)
    if (typeof parsed === 'string') errors.add(`${at}.format`, parsed.replace(/^format: /, ''))
  }
  if (timezone !== undefined && type === 'timestamp' && zones.find(timezone) === undefined)
    errors.add(`${at}.timezone`, unknownName('time zone', timezone, zones.names))
}

function checkKey({ key, columns }: Declaration, errors: ValidationErrorCollector): void {
  key.forEach((name, index) => {
    const column = columns.find((each) => each.name === name)
    const at = `key[${index}]`
    if (!column) errors.add(at, `${quoted(name)} is not a column. ${nameHint(name, namesOf(columns))}`)
    else if (!column.required) errors.add(at, `${quoted(name)} must be required: a row without it has no identity`)
    else if (NO_KEY.includes(column.type))
      errors.add(at, `${quoted(name)} is a double, which identifies nothing exactly; use text, integer or decimal`)
  })
}

function checkTimeDimension({ timeDimension, columns }: Declaration, errors: ValidationErrorCollector): void {
  if (timeDimension === null) return
  const times = columns.filter(({ type }) => type === 'date' || type === 'timestamp')
  if (times.some(({ name }) => name === timeDimension)) return
  errors.add(
    'timeDimension',
    `${quoted(timeDimension)} is not a date or timestamp column. ${nameHint(timeDimension, namesOf(times))}`.trimEnd(),
  )
}

function namesOf(columns: DeclaredColumn[]): string[] {
  return columns.map(({ name }) => name)
}
