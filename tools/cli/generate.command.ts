import { Option, InvalidArgumentError, type Command } from 'commander'
import { TABLE_FORMATS, type TableFormat } from '../generator/transaction-defects.js'
import { registerGenerateEvents } from './generate-events.command.js'
import { parseWhole } from './parse-whole.js'

export interface GenerateArguments {
  rows: number
  format: TableFormat
  seed: number
  badRatio: number
  out?: string
}

const HELP = `
Examples:
  $ npx countinghouse generate transactions --rows 1000000 --out sales.csv
  $ npx countinghouse generate transactions --format parquet --rows 1000000 --out sales.parquet
  $ npx countinghouse generate transactions --format ndjson --rows 5 --bad-ratio 0.2

Exit codes: 0 done, 1 failed, 2 wrong usage, 130 after Ctrl-C.`

export function registerGenerate(program: Command, exit: (code: number) => void): void {
  const command = program
    .command('generate')
    .description('make sample data: a file of transactions, or events for a server')
  registerGenerateEvents(command, exit)
  command
    .command('transactions')
    .description('Writes made-up sales. The same options give the same bytes, and the same rows in every format.')
    .option('--rows <n>', 'how many', parseWhole, 1000)
    .addOption(new Option('--format <format>').choices(TABLE_FORMATS).default('csv'))
    .option('--seed <n>', 'number that the data is made from; the same seed gives the same data', parseWhole, 1)
    .option('--bad-ratio <share>', 'share of the rows that a load rejects, 0 to 1', parseShare, 0)
    .option('--out <file>', 'file to write (default: standard output)')
    .addHelpText('after', HELP)
    .action(async (given: GenerateArguments) =>
      exit(await (await import('./generate-transactions.js')).generateTransactions(given)),
    )
}

function parseShare(text: string): number {
  const value = Number(text)
  if (!/^\d*\.?\d+$/.test(text) || value > 1) throw new InvalidArgumentError('It must be a number from 0 to 1.')
  return value
}
