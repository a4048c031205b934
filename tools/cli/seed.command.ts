import type { Command } from 'commander'
import { addConnectionOptions, type ConnectionArguments } from './connection/connection-options.js'
import { addJsonOption, type OutputArguments } from './output/output-option.js'
import { parseWhole } from './parse-whole.js'

export interface SeedArguments extends ConnectionArguments, OutputArguments<'table' | 'json'> {
  seed: number
}

const HELP = `
What is there already stays as it is, so the command can be run again, also after it was interrupted.

Exit codes: 0 all is there, 1 something is not, 2 wrong usage, 130 after Ctrl-C.`

export function registerSeed(program: Command, exit: (code: number) => void): void {
  const command = program
    .command('seed')
    .summary('fill the server with a sample shop')
    .description('Adds a made-up shop: 5 categories, 10,000 products, 500 customers and 1,000 orders.')
  addJsonOption(addConnectionOptions(command))
    .option('--seed <n>', 'number that the data is made from; the same seed gives the same data', parseWhole, 1)
    .addHelpText('after', HELP)
    .action(async (given: SeedArguments) => exit(await (await import('./seed.js')).seed(given)))
}
