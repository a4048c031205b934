import type { Command } from 'commander'
import { addOutputOption, outputOf, type OutputArguments } from '../output/output-option.js'
import { UsageError } from '../usage-error.js'

export const RESULT_OUTPUTS = ['table', 'json', 'csv', 'ndjson', 'parquet', 'arrow'] as const
export type ResultOutput = (typeof RESULT_OUTPUTS)[number]

export interface ResultArguments extends OutputArguments<ResultOutput> {
  out?: string
}

/** What the API calls them. */
export const MEDIA_TYPES: Record<ResultOutput, string> = {
  table: 'application/json',
  json: 'application/json',
  csv: 'text/csv',
  ndjson: 'application/x-ndjson',
  parquet: 'application/vnd.apache.parquet',
  arrow: 'application/vnd.apache.arrow.stream',
}

/** Adds how the result of a query is printed, and where to. */
export function addResultOptions(command: Command): Command {
  return addOutputOption(command, RESULT_OUTPUTS).option(
    '--out <file>',
    'file to write, which is there when it is whole (default: standard output)',
  )
}

/** Throws UsageError for what a terminal cannot show. */
export function resultOutputOf(given: ResultArguments): ResultOutput {
  const output = outputOf(given)
  if ((output === 'parquet' || output === 'arrow') && given.out === undefined && process.stdout.isTTY)
    throw new UsageError(`${output} is no text for a terminal: name a file with --out, or pipe it on`)
  return output
}
