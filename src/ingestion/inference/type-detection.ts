import type { FileOptions } from '../../datasets/file-options.js'
import type { NumberFormat } from '../../datasets/number-separators.js'
import { listed, valuesWithout, type ColumnValues, type TypedValues } from './column-values.js'
import { findDates, unixFormat, type DateHints, type FoundDates } from './date-detection.js'
import { fitOf, MIN_SHARE, NEARLY, textType, type DetectedType } from './detected-type.js'
import { meaningOf, type HeaderMeaning } from './header-words.js'
import { detectNumber } from './number-detection.js'
import { looksLikeAccounting, NumberReader, PLAIN_STYLE, type NumberStyle } from './number-shapes.js'

/** What is known of the file when a column is looked at. */
export interface DetectionContext {
  style: NumberStyle
  /** columns whose numbers may be written in another way */
  ambiguous: ReadonlyMap<number, NumberFormat>
  dates: DateHints
}

const BOOLEAN_PAIRS = [
  ['true', 'false'],
  ['t', 'f'],
  ['yes', 'no'],
  ['y', 'n'],
]
/** Where a lone NO is Norway, and a lone F is a woman. */
const NO_FLAG = /(^|_|\b)(country|nation|land|pays|code|lang|language|sex|gender|geschlecht|class|grade|size)(_|\b|$)/i
const PERCENT = /^[+-]?[0-9][0-9.,]* ?%$/
const LAKH = /^-?[0-9]{1,2}(,[0-9]{2})+,[0-9]{3}(\.[0-9]+)?$/
const EIGHT_DIGITS = /^[0-9]{8}$/
/** Numbers of eight digits without a header that says so are dates only if there are so many, all near to today. */
const CERTAIN_BY_NUMBER = 10

const STANDARD = new NumberReader(PLAIN_STYLE)
const GROUPED = new NumberReader({ ...PLAIN_STYLE, thousandsSeparator: ',' })

/** The narrowest type that all values of the column have but for the null words, and but for a few. */
export function detectType(
  column: ColumnValues,
  nullWords: ReadonlySet<string>,
  context: DetectionContext,
): DetectedType {
  const values = valuesWithout(column, nullWords)
  const meaning = meaningOf(column.header)
  if (values.total === 0) return textType(0, 'Has no values in the sample: choose its type.')
  return (
    booleanType(values, column.header) ??
    unixType(values, meaning) ??
    compactDates(values, meaning, context.dates) ??
    numberType(column, values, meaning, context) ??
    dateType(findDates(values, MIN_SHARE, context.dates), values) ??
    textType(0.95, ...hintsOf(values, readerOf(column, context), context.dates))
  )
}

function booleanType({ values, total }: TypedValues, header: string): DetectedType | undefined {
  if (values.length > 6) return undefined
  const found = new Set(values.map(([value]) => value.toLowerCase()))
  const pair = BOOLEAN_PAIRS.find((words) => [...found].every((value) => words.includes(value)))
  if (!pair) return undefined
  if (found.size === 2) return { type: 'boolean', confidence: total < 5 ? 0.8 : 0.98, warnings: [] }
  if (NO_FLAG.test(header) || ['t', 'f'].includes([...found][0]!)) return undefined
  return { type: 'boolean', confidence: 0.7, warnings: [] }
}

function unixType(values: TypedValues, { isTime }: HeaderMeaning): DetectedType | undefined {
  const format = isTime ? unixFormat(values) : undefined
  return format && { type: 'timestamp', format, confidence: 0.9, warnings: [] }
}

/** 20240301 is a number too. */
function compactDates(values: TypedValues, { isTime }: HeaderMeaning, hints: DateHints): DetectedType | undefined {
  if (!values.values.every(([value]) => EIGHT_DIGITS.test(value))) return undefined
  const dates = findDates(values, 1, { ...hints, dateFormat: 'YYYYMMDD' })
  if (dates?.format !== 'YYYYMMDD') return undefined
  const isNear = values.values.every(([value]) => value > '1950' && value < '2050')
  if (!isTime && !(isNear && values.values.length >= CERTAIN_BY_NUMBER)) return undefined
  return { ...dateType(dates, values)!, confidence: isTime ? 0.95 : 0.7 }
}

function numberType(
  column: ColumnValues,
  values: TypedValues,
  meaning: HeaderMeaning,
  context: DetectionContext,
): DetectedType | undefined {
  const ambiguousWith = column.isNumeric ? undefined : context.ambiguous.get(column.field)
  return detectNumber(values, column, { reader: readerOf(column, context), meaning, ambiguousWith })
}

function readerOf({ isNumeric }: ColumnValues, { style }: DetectionContext): NumberReader {
  return isNumeric ? STANDARD : new NumberReader(style)
}

function dateType(found: FoundDates | undefined, { total }: TypedValues): DetectedType | undefined {
  if (!found) return undefined
  const { type, format, alternative, order, misfits } = found
  const fit = fitOf(type === 'date' ? 'dates' : 'timestamps', total, misfits)
  return { type, format, alternative, order, ...fit }
}

/** What people should know of a column that could not be typed. */
function hintsOf(values: TypedValues, reader: NumberReader, dates: DateHints): string[] {
  const share = (isSuch: (text: string) => boolean): number =>
    values.values.reduce((sum, [value, count]) => sum + (isSuch(value) ? count : 0), 0) / values.total
  const first = values.values[0]![0]
  if (share((text) => PERCENT.test(text)) >= MIN_SHARE)
    return [
      `Has percentages such as "${first}", which are kept as text: send them without the sign to reckon with them.`,
    ]
  if (
    share((text) => LAKH.test(text)) > 0 &&
    share((text) => LAKH.test(text) || (GROUPED.read(text) ?? reader.read(text)) !== undefined) >= MIN_SHARE
  )
    return [
      'Has digits in groups of two (1,23,456), which are kept as text: send the numbers without commas to reckon with them.',
    ]
  if (share(looksLikeAccounting) >= MIN_SHARE)
    return [
      `Has amounts such as "${first}" that are written in another way than the other numbers of the file: they are kept as text.`,
    ]
  const others = readersBut(reader).find((other) => share((text) => other.read(text) !== undefined) >= MIN_SHARE)
  if (others)
    return [
      `Has numbers such as "${first}" that are written in another way than most of the file: they are kept as text. Say how in "mapping" to load them as numbers.`,
    ]
  return nearlyTyped(values, reader, dates)
}

function readersBut(reader: NumberReader): NumberReader[] {
  const others: NumberFormat[] = [
    { decimalSeparator: '.', thousandsSeparator: ',' },
    { decimalSeparator: ',', thousandsSeparator: '.' },
    { decimalSeparator: ',', thousandsSeparator: ' ' },
    { decimalSeparator: '.', thousandsSeparator: "'" },
  ]
  return reader.isStandard
    ? []
    : [STANDARD, ...others.map((format) => new NumberReader({ ...format, isAccounting: false }))]
}

function nearlyTyped(values: TypedValues, reader: NumberReader, hints: DateHints): string[] {
  const misfits = values.values.filter(([value]) => !reader.read(value))
  const share = 1 - misfits.reduce((sum, [, count]) => sum + count, 0) / values.total
  if (share >= NEARLY)
    return [
      `${Math.floor(share * 100)} % of the values are numbers, but not ${listed(misfits.map(([value]) => value))}: it is kept as text.`,
    ]
  const dates = findDates(values, NEARLY, hints)
  if (!dates) return []
  return [
    `Most values are dates${dates.format ? ` (${dates.format})` : ''}, but not ${listed(dates.misfits.map(([value]) => value))}: it is kept as text.`,
  ]
}

/** Says of dates that can be read in two ways which one was taken, or takes the one that other columns tell. */
export function settleDateOrder(types: DetectedType[]): DetectedType[] {
  const orders = new Set(types.map(({ order }) => order).filter((order) => order !== undefined))
  const [told] = orders.size === 1 ? orders : []
  return types.map((found) => {
    const { format, alternative } = found
    if (!format || !alternative) return found
    if (told === undefined) return askedFor(found)
    const isRight = (told === 'day') === /^D/.test(format)
    const settled = isRight ? format : alternative
    return { ...found, format: settled, alternative: undefined, confidence: Math.min(0.9, found.confidence) }
  })
}

function askedFor(found: DetectedType): DetectedType {
  const [first, second] = /^D/.test(found.format!) ? ['day', 'month'] : ['month', 'day']
  const warning = `Every value can be read with the ${first} first (${found.format}) or the ${second} first (${found.alternative}): ${found.format} was taken. Set the column's format to ${found.alternative} if that is wrong.`
  return { ...found, confidence: Math.min(0.5, found.confidence), warnings: [...found.warnings, warning] }
}

/** The options of an upload that say how its values are written. */
export type ValueOptions = Pick<
  FileOptions,
  'decimalSeparator' | 'thousandsSeparator' | 'numberStyle' | 'nullValues' | 'dateFormat' | 'timezone'
>
