import type { NumberFormat } from '../../datasets/number-separators.js'
import type { ColumnValues, TypedValues } from './column-values.js'
import { fitOf, MIN_SHARE, textType, type DetectedType } from './detected-type.js'
import type { HeaderMeaning } from './header-words.js'
import type { NumberReader, NumberShape } from './number-shapes.js'

/** Digits of an integer that surely fits 64 bits. */
const MAX_INTEGER_DIGITS = 18
const MAX_SCALE = 18
const DECIMAL_DIGITS = 38
const HEADROOM = 2
/** A double is printed with so many digits where it is the result of a calculation. */
const DOUBLE_DIGITS = 15
const NOISY_DECIMALS = 12
/** More decimals than these say that doubles were not amounts. */
const DECIMALS_OF_DOUBLES = 4
const DECIMALS_WITH_EXPONENT = 8
const PHONE_DIGITS = 7

/** What all numbers of a column have in common. */
interface NumberFacts {
  whole: number
  decimals: number
  fewestDecimals: number
  significant: number
  hasPoint: boolean
  hasExponent: boolean
  hasLeadingZeros: boolean
  isAllSigned: boolean
  misfits: [value: string, count: number][]
}

export interface NumberContext {
  reader: NumberReader
  meaning: HeaderMeaning
  /** the way in which the column's numbers may be written as well */
  ambiguousWith?: NumberFormat
}

/** The number type of the values; a text type where they are digits but no numbers; undefined when they are others. */
export function detectNumber(
  values: TypedValues,
  column: Pick<ColumnValues, 'isDouble'>,
  { reader, meaning, ambiguousWith }: NumberContext,
): DetectedType | undefined {
  const facts = factsOf(values, reader)
  const bad = facts.misfits.reduce((sum, [, count]) => sum + count, 0)
  if (values.total === 0 || values.total - bad < values.total * MIN_SHARE) return undefined
  const found =
    column.isDouble || facts.hasPoint || facts.decimals > 0 ? fraction(facts, column) : integer(facts, meaning)
  if (found.type === 'text') return found
  const what = found.type === 'integer' ? 'integers' : 'numbers'
  const fit = fitOf(what, values.total, facts.misfits)
  const typed = { ...found, confidence: fit.confidence, warnings: [...found.warnings, ...fit.warnings] }
  return ambiguousWith ? ambiguous(typed, values, ambiguousWith) : typed
}

function factsOf({ values }: TypedValues, reader: NumberReader): NumberFacts {
  const facts: NumberFacts = {
    whole: 0,
    decimals: 0,
    fewestDecimals: Infinity,
    significant: 0,
    hasPoint: false,
    hasExponent: false,
    hasLeadingZeros: false,
    isAllSigned: true,
    misfits: [],
  }
  for (const [value, count] of values) {
    const shape = reader.read(value)
    if (shape) add(facts, shape, value)
    else facts.misfits.push([value, count])
  }
  return facts
}

function add(facts: NumberFacts, shape: NumberShape, text: string): void {
  facts.whole = Math.max(facts.whole, shape.whole)
  facts.decimals = Math.max(facts.decimals, shape.decimals)
  facts.fewestDecimals = Math.min(facts.fewestDecimals, shape.decimals)
  facts.significant = Math.max(facts.significant, shape.significant)
  facts.hasPoint ||= shape.hasPoint
  facts.hasExponent ||= shape.hasExponent
  facts.hasLeadingZeros ||= shape.hasLeadingZeros
  facts.isAllSigned &&= text.startsWith('+')
}

function integer({ whole, hasLeadingZeros, isAllSigned }: NumberFacts, meaning: HeaderMeaning): DetectedType {
  if (hasLeadingZeros) return textType(0.95)
  if (meaning.isNumberedName) return textType(0.9)
  if (isAllSigned && whole >= PHONE_DIGITS) return textType(0.9)
  if (whole > MAX_INTEGER_DIGITS)
    return textType(0.8, `Has numbers of ${whole} digits, which an integer cannot hold: they are kept as text.`)
  return { type: 'integer', confidence: 1, warnings: [] }
}

function fraction(facts: NumberFacts, { isDouble }: Pick<ColumnValues, 'isDouble'>): DetectedType {
  const { whole, decimals, significant, hasExponent } = facts
  const isNoise =
    decimals >= NOISY_DECIMALS && significant >= DOUBLE_DIGITS && facts.fewestDecimals !== decimals && significant <= 18
  const isNumber =
    decimals > MAX_SCALE ||
    isNoise ||
    (isDouble && decimals > DECIMALS_OF_DOUBLES) ||
    (hasExponent && (decimals > DECIMALS_WITH_EXPONENT || whole > DOUBLE_DIGITS)) ||
    whole + decimals > DECIMAL_DIGITS
  if (isNumber) return { type: 'number', confidence: 1, warnings: [] }
  const scale = Math.min(MAX_SCALE, Math.max(HEADROOM, decimals) + HEADROOM, DECIMAL_DIGITS - whole)
  return { type: 'decimal', scale: Math.max(scale, decimals), confidence: 1, warnings: [] }
}

function ambiguous(found: DetectedType, { values }: TypedValues, other: NumberFormat): DetectedType {
  const { decimalSeparator, thousandsSeparator } = other
  const example = values.find(([value]) => /[.,]/.test(value))?.[0] ?? values[0]![0]
  const options = [
    `decimalSeparator="${decimalSeparator}"`,
    ...(thousandsSeparator ? [`thousandsSeparator="${thousandsSeparator}"`] : []),
  ]
  const warning = `"${example}" may be another number: if "${decimalSeparator}" stands before the decimals, infer and load with ${options.join(' and ')}.`
  return { ...found, confidence: Math.min(0.5, found.confidence), warnings: [...found.warnings, warning] }
}
