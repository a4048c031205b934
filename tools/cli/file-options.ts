import { InvalidArgumentError, Option, type Command } from 'commander'
import type { Schemas } from '../../clients/typescript/index.js'

type UploadOptions = Omit<Schemas['UploadForm'], 'file'>

/** How the files write their values, as commander hands it over; the names are those of the API. */
export interface FileOptionArguments {
  decimalSeparator?: UploadOptions['decimalSeparator']
  thousandsSeparator?: string
  nullValues?: string
  dateFormat?: string
  timezone?: string
  numberStyle?: UploadOptions['numberStyle']
  scale?: UploadOptions['scale']
  delimiter?: string
  quote?: UploadOptions['quote']
  skipLines?: string
  recordElement?: string
}

const DECIMAL_SEPARATORS = ['.', ','] satisfies UploadOptions['decimalSeparator'][]
const NUMBER_STYLES = ['plain', 'accounting'] satisfies UploadOptions['numberStyle'][]
const SCALES = ['exact', 'round'] satisfies UploadOptions['scale'][]
const QUOTES = ['"', "'", 'none'] satisfies UploadOptions['quote'][]
const MAX_SKIPPED_LINES = 1000

/** Adds how the files write their values; what is left out is as the dataset says, else as the format usually has it. */
export function addFileOptions(command: Command): Command {
  return command
    .addOption(
      choice('--decimal-separator <mark>', 'what stands before decimals (default: a point)', DECIMAL_SEPARATORS),
    )
    .option(
      '--thousands-separator <mark>',
      "what stands between groups of three digits: . , ' or blank (default: none)",
    )
    .option('--null-values <text>', 'stands for no value, such as NA; may be given several times', collectNullValues)
    .option('--date-format <format>', 'how dates are written, such as DD.MM.YYYY (default: ISO)')
    .option('--timezone <zone>', 'of timestamps that are written without one, such as Europe/Berlin (default: UTC)')
    .addOption(choice('--number-style <style>', 'accounting: $1,234.50 and (45.00) are numbers', NUMBER_STYLES))
    .addOption(choice('--scale <what>', 'round: numbers with too many decimals are rounded, not rejected', SCALES))
    .option('--delimiter <character>', 'between the values of CSV, or "tab" (default: the file shows it)')
    .addOption(choice('--quote <mark>', 'around values of CSV (default: "); none: quotes are text', QUOTES))
    .option('--skip-lines <n>', 'lines before the header that are no part of the table', parseSkipLines)
    .option('--record-element <name>', 'XML element that is a record (default: the one that repeats)')
}

/** Those that were given. */
export function fileOptionsOf(given: FileOptionArguments): FileOptionArguments {
  const { decimalSeparator, thousandsSeparator, nullValues, dateFormat, timezone, numberStyle, scale } = given
  const { delimiter, quote, skipLines, recordElement } = given
  const values = { decimalSeparator, thousandsSeparator, nullValues, dateFormat, timezone, numberStyle, scale }
  const layout = { delimiter, quote, skipLines, recordElement }
  const named = Object.entries({ ...values, ...layout }).filter(([, value]) => value)
  return Object.fromEntries(named)
}

function choice(flags: string, description: string, choices: readonly string[]): Option {
  return new Option(flags, description).choices(choices)
}

/** As the JSON list that the API takes. */
function collectNullValues(text: string, earlier = '[]'): string {
  return JSON.stringify([...(JSON.parse(earlier) as string[]), text])
}

function parseSkipLines(text: string): string {
  if (!/^\d{1,4}$/.test(text) || Number(text) > MAX_SKIPPED_LINES)
    throw new InvalidArgumentError(`It must be a whole number from 0 to ${MAX_SKIPPED_LINES}.`)
  return text
}
