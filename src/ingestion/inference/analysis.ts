import { setImmediate as breathe } from 'node:timers/promises'
import type { FileOptions } from '../../datasets/file-options.js'
import { columnValues, listed, type ColumnValues } from './column-values.js'
import { textType, type DetectedType } from './detected-type.js'
import { findNumberStyle, numberOptionsOf } from './number-style.js'
import { isNullWord, nullWordsOf } from './null-words.js'
import type { Sample } from './sample-reader.js'
import { detectType, settleDateOrder, type DetectionContext } from './type-detection.js'

/** A column with what it seems to hold. */
export interface AnalyzedColumn {
  values: ColumnValues
  found: DetectedType
  /** records without a value, null words included */
  nulls: number
}

export interface Analysis {
  columns: AnalyzedColumn[]
  options: FileOptions
}

/** `12.05.2024` and the like: who writes dates so puts the day first. */
const POINTED_DATE = /^\d{1,2}\.\d{1,2}\.(\d{4}|\d{2})$/

/** Tells the types of these fields of a sample, and how its values are written. Others get their turn between columns. */
export async function analyze({ table, options, hasSemicolons }: Sample, fields: number[]): Promise<Analysis> {
  const columns: ColumnValues[] = []
  for (const field of fields) {
    const kinds = { isNumeric: table.numericFields.has(field), isDouble: table.doubleFields.has(field) }
    columns.push(columnValues(field, table.header[field]!, table.columns[field]!, kinds))
    await breathe()
  }
  const hasPointedDates = columns.some(({ counts }) => POINTED_DATE.test(counts.keys().next().value ?? ''))
  const { style, ambiguous } = findNumberStyle(columns, options, hasSemicolons || hasPointedDates)
  const isEuropean = hasSemicolons || hasPointedDates || style.decimalSeparator === ','
  const context = { style, ambiguous, dates: { dateFormat: options.dateFormat, prefersDayFirst: isEuropean } }
  const { types, nullValues } = await typesOf(columns, new Set(options.nullValues), context)
  const found = settleDateOrder(types)
  const nullWords = new Set(nullValues)
  return {
    columns: columns.map((values, at) => ({
      values,
      found: found[at]!,
      nulls: nullsOf(values, found[at]!, nullWords),
    })),
    options: {
      ...numberOptionsOf(style),
      ...(nullValues.length > 0 && { nullValues }),
      ...options,
      ...(options.nullValues && { nullValues }),
    },
  }
}

/** Null words are told by what the values beside them are, and are then null words of the whole file. */
async function typesOf(
  columns: ColumnValues[],
  given: ReadonlySet<string>,
  context: DetectionContext,
): Promise<{ types: DetectedType[]; nullValues: string[] }> {
  const words = columns.map(({ counts }) =>
    [...counts.keys()].filter((value) => isNullWord(value) && !given.has(value)),
  )
  const types: DetectedType[] = []
  for (const [at, column] of columns.entries()) {
    types.push(detectType(column, new Set([...given, ...words[at]!]), context))
    await breathe()
  }
  const uses = types.map(({ type, confidence }, at) => ({
    words: words[at]!,
    isTyped: type !== 'text' || confidence === 0,
  }))
  const { nullValues, kept } = nullWordsOf(uses)
  const settled = types.map((found, at) => {
    const conflicts = words[at]!.filter((word) => kept.has(word))
    return found.type === 'text' || conflicts.length === 0 ? found : conflicting(found, conflicts)
  })
  return { types: settled, nullValues: [...given, ...nullValues] }
}

/** The word is a value of a column of text: the file cannot hold it for no value, and rows that have it here must not be lost. */
function conflicting({ type }: DetectedType, words: string[]): DetectedType {
  return textType(
    0.5,
    `All values are of the type ${type} but for ${listed(words)}, which is a value of another column and so cannot stand for no value in the whole file. It is kept as text: to load it as ${type}, choose that type and set nullValues in its "mapping".`,
  )
}

function nullsOf({ empty, counts }: ColumnValues, { type }: DetectedType, nullWords: ReadonlySet<string>): number {
  if (type === 'text' && nullWords.size === 0) return empty
  return [...nullWords].reduce((sum, word) => sum + (counts.get(word) ?? 0), empty)
}
