import type { ColumnDefinition } from '../../datasets/dataset-definition.js'
import { dateTransform } from './date-transform.js'
import type { ColumnSteps } from './column-steps.js'
import { both } from './conditions.js'
import { textName, valueName } from './internal-names.js'
import { trimmed } from './null-values.js'
import type { OddNumbers } from './number-text.js'
import { decimalTransform, floatTransform, integerTransform } from './number-transform.js'
import type { RowCheck } from './row-check.js'
import { sqlText } from './sql-text.js'
import { timestampTransform } from './timestamp-transform.js'
import type { ValueOptions } from './value-options.js'

export const MAX_TEXT_CHARACTERS = 1024

const TRUE = ['true', 't', 'yes', 'y', '1']
const FALSE = ['false', 'f', 'no', 'n', '0']

/** Numbers, dates and booleans may have blanks around them; text is taken as it is. */
export function columnTransform(
  column: ColumnDefinition,
  source: string,
  options: ValueOptions,
  odd: OddNumbers,
): ColumnSteps {
  const isText = column.type === 'text'
  const text = textName(column.member)
  const transform = transformOfType(column, options, odd)
  const required: RowCheck[] = column.required
    ? [{ column: column.column, condition: `${isText ? trimmed(text) : text} = ''`, message: 'is required' }]
    : []
  return {
    ...transform,
    read: [`${isText ? source : trimmed(source)} AS ${text}`, ...transform.read],
    checks: [...required, ...transform.checks],
  }
}

function transformOfType(column: ColumnDefinition, options: ValueOptions, odd: OddNumbers): ColumnSteps {
  switch (column.type) {
    case 'text':
      return textTransform(column)
    case 'date':
      return dateTransform(column, options)
    case 'timestamp':
      return timestampTransform(column, options)
    case 'decimal':
      return decimalTransform(column, options, odd)
    case 'integer':
      return integerTransform(column, options, odd)
    case 'number':
      return floatTransform(column, options)
    case 'boolean':
      return booleanTransform(column)
  }
}

function textTransform({ column, member }: ColumnDefinition): ColumnSteps {
  const text = textName(member)
  const tooLong = both(`length(${text}) > ${MAX_TEXT_CHARACTERS}`, `lengthUTF8(${text}) > ${MAX_TEXT_CHARACTERS}`)
  return {
    read: [],
    values: [],
    checks: [
      { column, condition: `NOT isValidUTF8(${text})`, message: '{value} is not valid UTF-8' },
      { column, condition: tooLong, message: `is longer than ${MAX_TEXT_CHARACTERS} characters` },
    ],
  }
}

function booleanTransform({ column, member }: ColumnDefinition): ColumnSteps {
  const text = textName(member)
  const isOneOf = (words: string[]): string => `lower(${text}) IN (${words.map(sqlText).join(', ')})`
  return {
    read: [],
    values: [`multiIf(${isOneOf(TRUE)}, true, ${isOneOf(FALSE)}, false, NULL) AS ${valueName(member)}`],
    checks: [
      {
        column,
        condition: both(`${text} != ''`, `isNull(${valueName(member)})`),
        message: '{value} is not a boolean (true/false, t/f, yes/no, y/n, 1/0)',
      },
    ],
  }
}
