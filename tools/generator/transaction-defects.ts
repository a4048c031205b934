import { seededRandom } from './random.js'
import { TRANSACTION_COLUMNS, type TransactionValues } from './transactions-generator.js'

export const TABLE_FORMATS = ['csv', 'tsv', 'ndjson', 'json', 'xml', 'parquet'] as const
export type TableFormat = (typeof TABLE_FORMATS)[number]

/** Ways in which a record's values can be wrong, and a format can still carry them. */
const VALUE_DEFECTS = [
  'not-an-integer',
  'integer-out-of-range',
  'impossible-date',
  'required-is-empty',
  'too-many-decimals',
  'not-a-decimal',
  'decimal-out-of-range',
  'amounts-disagree',
  'text-too-long',
  'key-is-empty',
] as const

export type DefectKind =
  | (typeof VALUE_DEFECTS)[number]
  // Of its bytes or its shape:
  | 'invalid-utf8'
  | 'ragged-record'
  | 'text-after-quote'
  | 'broken-markup'
  | 'not-an-object'
  | 'nested-value'
  | 'repeated-field'

/**
 * The kinds that each format can carry without being broken as a whole: twelve in text formats. Invalid UTF-8 breaks a
 * whole XML file; Parquet's types leave few things to be wrong.
 */
export const DEFECTS_OF_FORMAT: Record<TableFormat, readonly DefectKind[]> = {
  csv: [...VALUE_DEFECTS.slice(0, 9), 'invalid-utf8', 'ragged-record', 'text-after-quote'],
  tsv: [...VALUE_DEFECTS.slice(0, 9), 'invalid-utf8', 'ragged-record', 'text-after-quote'],
  ndjson: [...VALUE_DEFECTS, 'invalid-utf8', 'broken-markup'],
  json: [...VALUE_DEFECTS, 'nested-value', 'not-an-object'],
  xml: [...VALUE_DEFECTS, 'repeated-field', 'nested-value'],
  parquet: [
    'integer-out-of-range',
    'impossible-date',
    'required-is-empty',
    'key-is-empty',
    'amounts-disagree',
    'text-too-long',
    'invalid-utf8',
  ],
}

/** Stands in a value for the byte FF, which no UTF-8 text has. */
export const INVALID_BYTE = '\udcff'

/** A record that must be rejected. */
export interface Defect {
  /** record number, from 1, without a header */
  row: number
  kind: DefectKind
  /** dataset column at fault; null when the record's shape is, as the list of rejects has it */
  column: string | null
  /** the reject's reason to the letter; undefined where the format's reader words it */
  reason?: string
}

interface ValueDefect {
  column: (typeof TRANSACTION_COLUMNS)[number]
  /** the wrong value */
  value: (values: TransactionValues) => string
  /** what the reason says behind the column's name; `{value}` is the value */
  message: string
}

const IMPOSSIBLE_DATE = '{value} is not a date (YYYY-MM-DD, from 1900-01-01 to 2299-12-31)'

const CHANGES: Partial<Record<DefectKind, ValueDefect>> = {
  'not-an-integer': { column: 'Quantity', value: () => 'two', message: '{value} is not an integer' },
  'integer-out-of-range': {
    column: 'StockQuantity',
    value: () => '3000000000',
    message: '{value} is out of range (-2147483648 to 2147483647)',
  },
  'impossible-date': { column: 'TransactionDate', value: () => '2024-02-30', message: IMPOSSIBLE_DATE },
  'required-is-empty': { column: 'Country', value: () => '', message: 'is required' },
  'key-is-empty': { column: 'TransactionId', value: () => '', message: 'is required' },
  'too-many-decimals': {
    column: 'Price',
    value: (values) => `${valueOf(values, 'Price')}001`,
    message: '{value} has more than 4 decimals',
  },
  'not-a-decimal': { column: 'TotalPrice', value: () => '1.2.3', message: '{value} is not a decimal number' },
  'decimal-out-of-range': {
    column: 'Price',
    value: () => '123456789012345.67',
    message: '{value} is out of range (14 digits before the point)',
  },
  'amounts-disagree': {
    column: 'TotalPrice',
    value: (values) => oneMore(valueOf(values, 'TotalPrice')),
    message: '{value} differs from Price x Quantity by more than 0.01',
  },
  'text-too-long': {
    column: 'ProductName',
    value: () => 'long '.repeat(205),
    message: 'is longer than 1024 characters',
  },
  'invalid-utf8': {
    column: 'Region',
    value: (values) => `${valueOf(values, 'Region')}${INVALID_BYTE}`,
    message: '{value} is not valid UTF-8',
  },
}

export interface DefectOptions {
  format: TableFormat
  rows: number
  seed: number
  /** share of bad records, 0 to 1: exactly floor(rows x badRatio) are bad */
  badRatio: number
}

export interface BadRow {
  row: number
  kind: DefectKind
}

/** The numbers of the bad records, ascending, each with its kind; all kinds of the format equally often. */
export function* badRows({ format, rows, seed, badRatio }: DefectOptions): Generator<BadRow, undefined> {
  const random = seededRandom(seed ^ 0x5eed)
  const kinds = DEFECTS_OF_FORMAT[format]
  const count = Math.floor(rows * badRatio)
  for (let index = 0; index < count; index++) {
    // One in each stretch of records, at a random place.
    const from = Math.floor((index * rows) / count)
    const to = Math.floor(((index + 1) * rows) / count)
    yield { row: from + 1 + Math.floor(random() * (to - from)), kind: kinds[index % kinds.length]! }
  }
}

/** The values with the defect, when it is one of values; else as they are. */
export function withDefect(values: TransactionValues, kind: DefectKind | undefined): TransactionValues {
  const change = kind && CHANGES[kind]
  return change ? values.with(TRANSACTION_COLUMNS.indexOf(change.column), change.value(values)) : values
}

/** What the record's reject must say; `values` are those without the defect. */
export function defectOf(row: number, kind: DefectKind, values: TransactionValues, format: TableFormat): Defect {
  const change = CHANGES[kind]
  if (!change) return { row, kind, column: null, reason: shapeReason(kind) }
  const value = format === 'parquet' && kind === 'impossible-date' ? PARQUET_DATE_TEXT : change.value(values)
  const text = JSON.stringify(value.replaceAll(INVALID_BYTE, '\ufffd'))
  return {
    row,
    kind,
    column: change.column,
    reason: `${change.column}: ${change.message.replace('{value}', () => text)}`,
  }
}

/** A date of Parquet is a number, so that it can only be out of range: 9999-12-31. */
export const PARQUET_DATE_DAYS = 2_932_896
const PARQUET_DATE_TEXT = `${PARQUET_DATE_DAYS} days since 1970-01-01`

function shapeReason(kind: DefectKind): string | undefined {
  if (kind === 'ragged-record')
    return `expected ${TRANSACTION_COLUMNS.length} fields, found ${TRANSACTION_COLUMNS.length - 1}`
  return kind === 'text-after-quote' ? 'there is text after a closing quote' : undefined
}

function valueOf(values: TransactionValues, column: (typeof TRANSACTION_COLUMNS)[number]): string {
  return values[TRANSACTION_COLUMNS.indexOf(column)]!
}

/** An amount with two decimals, one unit more. */
function oneMore(amount: string): string {
  const cents = BigInt(amount.replace('.', '')) + 100n
  const digits = String(cents < 0n ? -cents : cents).padStart(3, '0')
  return `${cents < 0n ? '-' : ''}${digits.slice(0, -2)}.${digits.slice(-2)}`
}
