import { sqlText } from './sql-text.js'

/** What may stand around a number, a date or a text that stands for no value. */
const BLANKS = `' \\t\\r\\n'`

/** SQL: the text without the blanks around it. */
export function trimmed(text: string): string {
  return `trimBoth(${text}, ${BLANKS})`
}

/** SQL condition of a text that stands for no value; undefined when none but the empty one does. */
export function nullValueCondition(values: readonly string[]): ((text: string) => string) | undefined {
  const texts = [...new Set(values.map((value) => value.replace(/^[ \t\r\n]+|[ \t\r\n]+$/g, '')))]
  if (texts.length === 0) return undefined
  return (text) => `${trimmed(text)} IN (${texts.map(sqlText).join(', ')})`
}
