import { InvalidArgumentError, type Command } from 'commander'
import { addConnectionOptions, type ConnectionArguments } from './connection/connection-options.js'
import { addJsonOption, type OutputArguments } from './output/output-option.js'
import { parsePositive, parseWhole } from './parse-whole.js'

export interface GenerateEventsArguments extends ConnectionArguments, OutputArguments<'table' | 'json'> {
  interval: number
  count: number
  batch: number
  rate?: number
  seed: number
}

const MAX_BATCH = 10_000

const HELP = `
Examples:
  $ npx countinghouse generate events
  $ npx countinghouse generate events --count 100000 --batch 100 --rate 2000

Exit codes: 0 all are sent, 1 refused or failed, 2 wrong usage, 130 after Ctrl-C.`

export function registerGenerateEvents(generate: Command, exit: (code: number) => void): void {
  const command = generate
    .command('events')
    .description('Sends made-up events to a server, at a steady pace. The same seed gives the same events.')
  addJsonOption(addConnectionOptions(command))
    .option('--interval <seconds>', 'between two requests', parseSeconds, 3)
    .option('--count <n>', 'how many events in all', parsePositive, 100)
    .option('--batch <n>', 'events in one request', parseBatch, 5)
    .option('--rate <n>', 'events a second, in place of --interval', parsePositive)
    .option('--seed <n>', 'number that the data is made from; the same seed gives the same data', parseWhole, 1)
    .addHelpText('after', HELP)
    .action(async (given: GenerateEventsArguments) => {
      exit(await (await import('./generate-events.js')).generateEvents(given))
    })
}

function parseSeconds(text: string): number {
  const value = Number(text)
  if (!/^\d*\.?\d+$/.test(text) || value > 86_400) throw new InvalidArgumentError('It must be a number of seconds.')
  return value
}

function parseBatch(text: string): number {
  const value = parsePositive(text)
  if (value > MAX_BATCH) throw new InvalidArgumentError(`It must be at most ${MAX_BATCH}.`)
  return value
}
