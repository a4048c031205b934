import type { NumberFormat } from '../../datasets/number-separators.js'
import type { FileOptions } from '../../datasets/file-options.js'
import type { ColumnValues } from './column-values.js'
import { isNullWord } from './null-words.js'
import { looksLikeAccounting, NumberReader, PLAIN_STYLE, type NumberStyle } from './number-shapes.js'

/** In the order in which they are taken where several fit alike. */
const FORMATS: NumberFormat[] = [
  { decimalSeparator: '.', thousandsSeparator: '' },
  { decimalSeparator: '.', thousandsSeparator: ',' },
  { decimalSeparator: ',', thousandsSeparator: '' },
  { decimalSeparator: ',', thousandsSeparator: '.' },
  { decimalSeparator: ',', thousandsSeparator: ' ' },
  { decimalSeparator: '.', thousandsSeparator: ' ' },
  { decimalSeparator: '.', thousandsSeparator: "'" },
  { decimalSeparator: ',', thousandsSeparator: "'" },
]
/** Values of a column that are looked at. */
const LOOKED_AT = 2_000
/** Of these values a column that is one of numbers may have few others. */
const MIN_SHARE = 0.99

/** How the file's numbers are written, and which columns of it may be read in another way as well. */
export interface FoundNumberStyle {
  style: NumberStyle
  /** headers of columns of numbers -> the decimal separator that they might have as well */
  ambiguous: Map<number, NumberFormat>
}

/** How often each way of writing numbers fits a column whose numbers have separators. */
interface Evidence {
  field: number
  fits: boolean[]
}

/**
 * The way of writing numbers that most columns agree with; what the upload says is not asked again. `prefersComma`: other
 * things than the numbers tell that the file comes from where the comma stands before the decimals.
 */
export function findNumberStyle(
  columns: ColumnValues[],
  given: Pick<FileOptions, 'decimalSeparator' | 'thousandsSeparator' | 'numberStyle'>,
  prefersComma: boolean,
): FoundNumberStyle {
  const texts = columns.filter(({ isNumeric }) => !isNumeric).map(sampleOf)
  const isAccounting = given.numberStyle ? given.numberStyle === 'accounting' : needsAccounting(texts)
  const formats = given.decimalSeparator || given.thousandsSeparator ? [givenFormat(given)] : FORMATS
  const readers = formats.map((format) => new NumberReader({ ...format, isAccounting }))
  const evidence = texts.flatMap(({ field, values }) => evidenceOf(field, values, readers))
  if (evidence.length === 0) return { style: { ...formats[0]!, isAccounting }, ambiguous: new Map() }
  const best = bestFormat(evidence, formats, prefersComma)
  const chosen = formats[best]!
  return { style: { ...chosen, isAccounting }, ambiguous: ambiguities(evidence, formats, best) }
}

function givenFormat({ decimalSeparator = '.', thousandsSeparator = '' }: FileOptions): NumberFormat {
  return { decimalSeparator, thousandsSeparator }
}

function sampleOf({ field, counts }: ColumnValues): { field: number; values: string[] } {
  const values: string[] = []
  for (const value of counts.keys()) {
    if (values.length >= LOOKED_AT) break
    if (!isNullWord(value)) values.push(value)
  }
  return { field, values }
}

/** A column that is one of numbers only if signs of money and parentheses are read. */
function needsAccounting(columns: { values: string[] }[]): boolean {
  return columns.some(({ values }) => {
    if (!values.some(looksLikeAccounting)) return false
    return FORMATS.some((format) => fits(values, new NumberReader({ ...format, isAccounting: true })))
  })
}

/** Nothing of a column of other things than numbers, nor of one whose numbers have no separators. */
function evidenceOf(field: number, values: string[], readers: NumberReader[]): Evidence[] {
  if (!values.some((value) => /[0-9][.,' \u00a0\u202f\u2009\u2019][0-9]/.test(value))) return []
  const found = readers.map((reader) => fits(values, reader))
  return found.includes(true) ? [{ field, fits: found }] : []
}

function fits(values: string[], reader: NumberReader): boolean {
  if (values.length === 0) return false
  const allowed = Math.floor(values.length * (1 - MIN_SHARE))
  let misfits = 0
  for (const value of values) if (!reader.read(value) && ++misfits > allowed) return false
  return true
}

function bestFormat(evidence: Evidence[], formats: NumberFormat[], prefersComma: boolean): number {
  const score = formats.map((_, at) => evidence.filter((each) => each.fits[at]).length)
  const most = Math.max(...score)
  const best = formats.flatMap((_, at) => (score[at] === most ? [at] : []))
  const withComma = best.find((at) => formats[at]!.decimalSeparator === ',')
  // 1.234 is read as it stands: a file that has no comma tells nothing of one.
  return prefersComma && withComma !== undefined && best[0] !== 0 ? withComma : best[0]!
}

/** Columns that another decimal separator fits as well, unless a column that it does not fit tells the right one. */
function ambiguities(evidence: Evidence[], formats: NumberFormat[], best: number): Map<number, NumberFormat> {
  const { decimalSeparator } = formats[best]!
  const others = formats.flatMap((format, at) => (format.decimalSeparator === decimalSeparator ? [] : [at]))
  const isSettled = evidence.some((each) => each.fits[best] && !others.some((at) => each.fits[at]))
  if (isSettled) return new Map()
  return new Map(
    evidence.flatMap(({ field, fits: found }): [number, NumberFormat][] => {
      const other = others.find((at) => found[at])
      return found[best] && other !== undefined ? [[field, formats[other]!]] : []
    }),
  )
}

/** The options that say so; nothing where numbers are written as they are without options. */
export function numberOptionsOf(style: NumberStyle): FileOptions {
  return {
    ...(style.decimalSeparator !== PLAIN_STYLE.decimalSeparator && { decimalSeparator: style.decimalSeparator }),
    ...(style.thousandsSeparator !== PLAIN_STYLE.thousandsSeparator && {
      thousandsSeparator: style.thousandsSeparator,
    }),
    ...(style.isAccounting && { numberStyle: 'accounting' as const }),
  }
}
