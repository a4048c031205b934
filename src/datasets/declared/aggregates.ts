import type { ColumnDefinition, MeasureDefinition, Storage } from '../dataset-definition.js'

/** The SQL of a measure, its type, and whether it is NULL over no values. */
export type Aggregate = Pick<MeasureDefinition, 'sql' | 'storage' | 'nullable' | 'additive'>

/** Decimals of an average or a ratio: four more than its column has, and at least so many. */
const MIN_FRACTION = 8
/** The widest decimal of ClickHouse. */
const WIDE = 76

/** Rows whose column has a value, of those that the measure counts. */
function counted({ sql, type, nullable }: ColumnDefinition, condition: string | undefined): string {
  const isSet = type === 'text' ? `${sql} != ''` : nullable ? `isNotNull(${sql})` : undefined
  const parts = [isSet, condition].filter((part) => part !== undefined)
  return parts.length === 0 ? '' : parts.join(' AND ')
}

function call(name: string, argument: string, condition: string): string {
  const [, base, parameters = ''] = /^(\w+)(\(.*\))?$/.exec(name)!
  return condition ? `${base}If${parameters}(${argument}, ${condition})` : `${base}${parameters}(${argument})`
}

function countOf(condition: string): string {
  return condition ? `countIf(${condition})` : 'count()'
}

/** Of rows, or of those where the column has a value. */
export function count(column: ColumnDefinition | undefined, condition: string | undefined): Aggregate {
  return { sql: countOf(column ? counted(column, condition) : (condition ?? '')), storage: 'UInt64', additive: true }
}

/** 0 over no values. Added up in a type that no number of rows overflows. */
export function sum(column: ColumnDefinition, condition: string | undefined): Aggregate {
  const { value, storage } = widened(column)
  const total = call('sum', value, counted(column, condition))
  const sql = column.nullable ? `ifNull(${total}, ${zeroOf(storage)})` : total
  return { ...(storage === 'Float64' ? finite(sql) : { sql, storage }), additive: true }
}

export function average(column: ColumnDefinition, condition: string | undefined): Aggregate {
  const where = counted(column, condition)
  const values = countOf(where)
  if (column.storage === 'Float64') return finite(call('avg', column.sql!, where), `${values} = 0`)
  return quotient(sum(column, condition), { sql: values, storage: 'UInt64' })
}

/** Texts that are not set are no values; of all others NULL is none. */
export function extreme(name: 'min' | 'max', column: ColumnDefinition, condition: string | undefined): Aggregate {
  const where = counted(column, condition)
  const { storage, type } = column
  if (type === 'text') return { sql: call(name, column.sql!, where), storage }
  return { sql: `if(${countOf(where)} = 0, NULL, ${call(name, column.sql!, where)})`, storage, nullable: true }
}

export function distinct(name: 'uniqExact' | 'uniq', column: ColumnDefinition, condition?: string): Aggregate {
  return { sql: call(name, column.sql!, counted(column, condition)), storage: 'UInt64' }
}

/**
 * One of the values, so exact in every type: of n in order the one at level x n, counted from 0 and cut to a whole number, or
 * the last; at a level of 0.5 of an even n the lower one in the middle. Days are taken as numbers, which the function knows.
 */
export function quantile(level: number, column: ColumnDefinition, condition: string | undefined): Aggregate {
  const where = counted(column, condition)
  const isDay = column.storage === 'Date32'
  const found = call(`quantileExactLow(${level})`, isDay ? `toInt32(${column.sql})` : column.sql!, where)
  const value = isDay ? `addDays(toDate32('1970-01-01'), ${found})` : found
  return { sql: `if(${countOf(where)} = 0, NULL, ${value})`, storage: column.storage, nullable: true }
}

/** The value, which may be none, of the row with the greatest `by`; `identity` decides between equal ones. */
export function latest(
  column: ColumnDefinition,
  by: ColumnDefinition,
  identity: string[],
  condition: string | undefined,
): Aggregate {
  const isText = column.type === 'text'
  const value = isText ? column.sql! : `toNullable(${column.sql})`
  const found = call('argMax', `tuple(${value}), tuple(${[by.sql!, ...identity].join(', ')})`, counted(by, condition))
  return { sql: `tupleElement(${found}, 1)`, storage: column.storage, nullable: !isText }
}

/** NULL where the denominator is 0 or NULL. Exact to its last digit, rounded half away from zero, unless one is a double. */
export function quotient(numerator: Aggregate, denominator: Aggregate): Aggregate {
  const isZero = denominator.nullable ? `ifNull(${denominator.sql} = 0, 1)` : `${denominator.sql} = 0`
  if (numerator.storage === 'Float64' || denominator.storage === 'Float64') {
    return finite(`toFloat64(${numerator.sql}) / toFloat64(${denominator.sql})`, isZero)
  }
  const [over, under] = [scaleOf(numerator.storage), scaleOf(denominator.storage)]
  const fraction = Math.max(MIN_FRACTION, over + 4)
  // Both as whole units of the denominator's last digit: dividing at one digit more than is wanted cuts the rest off,
  // which cannot change how that digit rounds. Widened first, since a product with a Decimal128 wraps without a word.
  const units = (sql: string, scale: number): string => {
    const wide = `toDecimal256(${sql}, ${scale})`
    return under > 0 ? `${wide} * toInt256('1${'0'.repeat(under)}')` : wide
  }
  const divisor = `toInt256(if(${isZero}, toInt256(1), toInt256(${units(denominator.sql, under)})))`
  const divided = `${units(numerator.sql, fraction + 1)} / ${divisor}`
  return {
    sql: `if(${isZero}, NULL, toDecimal256(round(${divided}, ${fraction}), ${fraction}))`,
    storage: `Decimal(${WIDE}, ${fraction})`,
    nullable: true,
  }
}

/** A double; NULL where it is beyond them, which no JSON could hold and every export would write in its own way. */
function finite(sql: string, isNone?: string): Aggregate {
  const condition = isNone ? `${isNone} OR NOT isFinite(${sql})` : `NOT isFinite(${sql})`
  return { sql: `if(${condition}, NULL, ${sql})`, storage: 'Float64', nullable: true }
}

function widened({ sql, storage }: ColumnDefinition): { value: string; storage: Storage } {
  if (storage === 'Float64') return { value: sql!, storage }
  if (storage === 'Int64' || storage === 'Int32') return { value: `toInt128(${sql})`, storage: 'Int128' }
  const scale = scaleOf(storage)
  return { value: `toDecimal256(${sql}, ${scale})`, storage: `Decimal(${WIDE}, ${scale})` }
}

function zeroOf(storage: Storage): string {
  if (storage === 'Float64') return 'toFloat64(0)'
  return storage === 'Int128' ? 'toInt128(0)' : `toDecimal256(0, ${scaleOf(storage)})`
}

function scaleOf(storage: Storage): number {
  return Number(/^Decimal\(\d+, (\d+)\)$/.exec(storage)?.[1] ?? 0)
}
