import { Option, InvalidArgumentError, type Command } from 'commander'
import { createWriteStream } from 'node:fs'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { transactionsCsv } from '../generator/transactions-generator.js'
import { UsageError } from './usage-error.js'

interface GenerateArguments {
  rows: number
  format: 'csv'
  seed: number
  out?: string
}

const HELP = `
Examples:
  $ npx countinghouse generate transactions --rows 1000000 --out sales.csv
  $ npx countinghouse generate transactions --rows 20 | less`

export function registerGenerate(program: Command): void {
  program
    .command('generate')
    .description('make sample files, without a server: generate transactions')
    .command('transactions')
    .description('Writes made-up sales. The same options give the same bytes.')
    .option('--rows <n>', 'how many', parseWhole, 1000)
    .addOption(new Option('--format <format>').choices(['csv']).default('csv'))
    .option('--seed <n>', 'another one gives other sales', parseWhole, 1)
    .option('--out <file>', 'file to write (default: standard output)')
    .addHelpText('after', HELP)
    .action(generate)
}

async function generate({ rows, seed, out }: GenerateArguments): Promise<void> {
  const target = out === undefined ? process.stdout : createWriteStream(out)
  await pipeline(Readable.from(transactionsCsv({ rows, seed })), target).catch((error: NodeJS.ErrnoException) => {
    // `| head` has read enough.
    if (error.code === 'EPIPE' && out === undefined) return
    throw new UsageError(`${out ?? 'standard output'}: ${error.message}`)
  })
}

function parseWhole(text: string): number {
  const value = Number(text)
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(value)) throw new InvalidArgumentError('It must be a whole number.')
  return value
}
