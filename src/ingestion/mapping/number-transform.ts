import type { ColumnDefinition } from '../../datasets/dataset-definition.js'
import { ACCOUNTING_HINT, looksLikeAccounting, plainNumber } from './accounting.js'
import type { ColumnSteps } from './column-steps.js'
import { both, either } from './conditions.js'
import { readName, stepName, textName, valueName } from './internal-names.js'
import { describeNumberFormat, isStandard, mayBeThousands, standardNumber } from './number-format.js'
import { NOT_A_NUMBER, TOO_FINE, type OddNumbers } from './number-text.js'
import { sqlText } from './sql-text.js'
import type { ValueOptions } from './value-options.js'

type Reason = { condition: string; message: string }

/** digits with commas, points, apostrophes or blanks among them */
const NUMBER_WITH_SEPARATORS = "^[+-]?[0-9]*((,|\\.|'|\u2019| |\u00a0|\u202f|\u2009)[0-9]+)+$"
/** what a double is written as: neither hexadecimal nor a word */
const FLOAT = '^[+-]?([0-9]+\\.?[0-9]*|\\.[0-9]+)([eE][+-]?[0-9]+)?$'

const INTEGERS = {
  Int32: { read: 'toInt32OrNull', range: '-2147483648 to 2147483647' },
  Int64: { read: 'toInt64OrNull', range: '-9223372036854775808 to 9223372036854775807' },
}

/** The text of a number with a point and no thousands separators, which is the column's own text where it is written so. */
function numberSource(member: string, { numbers, accounting }: ValueOptions): { aliases: string[]; text: string } {
  const aliases: string[] = []
  let text = textName(member)
  if (accounting) {
    aliases.push(`${plainNumber(text)} AS ${stepName('plain', member)}`)
    text = stepName('plain', member)
  }
  if (!isStandard(numbers)) {
    aliases.push(`if(${text} = '', '', ${standardNumber(text, numbers)}) AS ${stepName('standard', member)}`)
    text = stepName('standard', member)
  }
  return { aliases, text }
}

/** The reasons of a number that would be one with other options. */
function unlikeOptions(member: string, isNone: string, { numbers, accounting }: ValueOptions, kind: string): Reason[] {
  const text = textName(member)
  const separators: Reason = {
    condition: both(isNone, `match(${text}, ${sqlText(NUMBER_WITH_SEPARATORS)})`),
    message: isStandard(numbers)
      ? `{value} is not ${kind}`
      : `{value} is not ${kind} as numbers are written here (${describeNumberFormat(numbers)})`,
  }
  if (accounting) return [separators]
  const condition = both(isNone, looksLikeAccounting(text))
  return [separators, { condition, message: `{value} is not ${kind}; ${ACCOUNTING_HINT}` }]
}

/**
 * ClickHouse's toInt*OrNull check the range; its own reading of an integer column would wrap around silently. What they do
 * not take, such as 5.0 and 5e0, is written out first.
 */
export function integerTransform(column: ColumnDefinition, options: ValueOptions, odd: OddNumbers): ColumnSteps {
  const { member, storage } = column
  const { read, range } = INTEGERS[storage as keyof typeof INTEGERS] ?? INTEGERS.Int64
  const { aliases, text } = numberSource(member, options)
  const readValue = readName(member)
  const isOdd = both(`isNull(${readValue})`, `${text} != ''`)
  const written = odd.add({ text, isOdd, decimals: 0, rounds: false })
  return {
    read: [...aliases, `${read}(${text}) AS ${readValue}`],
    values: [`if(isNull(${readValue}), ${read}(${written}), ${readValue}) AS ${valueName(member)}`],
    checks: [
      {
        column: column.column,
        condition: both(`isNull(${valueName(member)})`, `${text} != ''`),
        closer: [
          ...unlikeOptions(member, `${written} = '${NOT_A_NUMBER}'`, options, 'an integer'),
          {
            condition: either(`${written} = '${NOT_A_NUMBER}'`, `startsWith(${written}, '${TOO_FINE}')`),
            message: '{value} is not an integer',
          },
        ],
        message: `{value} is out of range (${range})`,
      },
    ],
    ambiguity: both(`isNull(${readValue})`, mayBeThousands(text)),
  }
}

/**
 * ClickHouse cuts digits behind the scale, and reads "1.2.3" as 1.23: it is given only what it cannot mistake. Of nearly
 * all texts a pattern tells that; the others are written out first.
 */
export function decimalTransform(column: ColumnDefinition, options: ValueOptions, odd: OddNumbers): ColumnSteps {
  const { member } = column
  const { precision, scale } = decimalOf(column)
  const { aliases, text } = numberSource(member, options)
  const readValue = readName(member)
  const reader = (from: string): string => `toDecimal${precision <= 18 ? 64 : 128}OrNull(${from}, ${scale})`
  const plain = `^-?[0-9]+${scale > 0 ? `(\\.[0-9]{1,${scale}})?` : ''}$`
  const isOdd = both(`isNull(${readValue})`, `${text} != ''`)
  const written = odd.add({ text, isOdd, decimals: scale, rounds: options.rounds })
  const kind = 'a decimal number'
  return {
    read: [...aliases, `${reader(`if(match(${text}, ${sqlText(plain)}), ${text}, '')`)} AS ${readValue}`],
    values: [`if(isNull(${readValue}), ${reader(written)}, ${readValue}) AS ${valueName(member)}`],
    checks: [
      {
        column: column.column,
        condition: both(`isNull(${valueName(member)})`, `${text} != ''`),
        closer: [
          ...unlikeOptions(member, `${written} = '${NOT_A_NUMBER}'`, options, kind),
          { condition: `${written} = '${NOT_A_NUMBER}'`, message: `{value} is not ${kind}` },
          {
            condition: `startsWith(${written}, '${TOO_FINE}')`,
            message: scale > 0 ? `{value} has more than ${scale} decimals` : '{value} has decimals',
          },
        ],
        message: `{value} is out of range (${precision - scale} digits before the point)`,
      },
    ],
    ambiguity: pointBeforeThree(text),
  }
}

/** The nearest double, as any reader of numbers makes it; below the smallest one it is 0. */
export function floatTransform(column: ColumnDefinition, options: ValueOptions): ColumnSteps {
  const { member } = column
  const { aliases, text } = numberSource(member, options)
  const value = valueName(member)
  const isNone = `isNull(${value})`
  return {
    read: aliases,
    values: [`toFloat64OrNull(if(match(${text}, ${sqlText(FLOAT)}), ${text}, '')) AS ${value}`],
    checks: [
      {
        column: column.column,
        condition: both(`${text} != ''`, `NOT ifNull(isFinite(${value}), 0)`),
        closer: [
          ...unlikeOptions(member, isNone, options, 'a number'),
          { condition: isNone, message: '{value} is not a number' },
        ],
        message: '{value} is out of range (up to 1.7976931348623157e308)',
      },
    ],
    ambiguity: pointBeforeThree(text),
  }
}

/** The fourth character from the end is looked at first: that spares nearly all texts the pattern. */
function pointBeforeThree(text: string): string {
  return both(`substring(${text}, -4, 1) = '.'`, mayBeThousands(text))
}

function decimalOf({ member, storage }: ColumnDefinition): { precision: number; scale: number } {
  const [, precision, scale] = /^Decimal\((\d+), (\d+)\)$/.exec(storage) ?? []
  if (precision === undefined || scale === undefined) throw new Error(`${member}: ${storage} is no decimal`)
  return { precision: Number(precision), scale: Number(scale) }
}
