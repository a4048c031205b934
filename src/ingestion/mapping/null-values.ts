import { sqlText } from './sql-text.js'

export const MAX_NULL_VALUES = 50
export const MAX_NULL_VALUE_CHARACTERS = 100

/** What may stand around a number, a date or a text that stands for no value. */
const BLANKS = `' \\t\\r\\n'`

/** SQL: the text without the blanks around it. */
export function trimmed(text: string): string {
  return `trimBoth(${text}, ${BLANKS})`
}

/** What is wrong with a list of texts that stand for no value. */
export function nullValuesProblem(values: unknown): string | undefined {
  const isList = Array.isArray(values) && values.length <= MAX_NULL_VALUES
  const isSound = isList && values.every((each) => typeof each === 'string' && each.length <= MAX_NULL_VALUE_CHARACTERS)
  if (isSound) return undefined
  return `nullValues must be a list of at most ${MAX_NULL_VALUES} texts of at most ${MAX_NULL_VALUE_CHARACTERS} characters`
}

/** SQL condition of a text that stands for no value; undefined when none but the empty one does. */
export function nullValueCondition(values: readonly string[]): ((text: string) => string) | undefined {
  const texts = [...new Set(values.map((value) => value.replace(/^[ \t\r\n]+|[ \t\r\n]+$/g, '')))]
  if (texts.length === 0) return undefined
  return (text) => `${trimmed(text)} IN (${texts.map(sqlText).join(', ')})`
}
