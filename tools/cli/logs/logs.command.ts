import { InvalidArgumentError, type Command } from 'commander'
import { addConnectionOptions, type ConnectionArguments } from '../connection/connection-options.js'
import { addOutputOption, type OutputArguments } from '../output/output-option.js'
import { parseMoment } from '../parse-moment.js'
import { parsePositive, parseWhole } from '../parse-whole.js'

export interface LogArguments extends ConnectionArguments, OutputArguments {
  user?: string
  key?: string
  endpoint?: string
  dataset?: string
  status?: number
  from?: string
  to?: string
  limit: number
  own?: true
  follow?: true
}

const HELP = `
With the key of a customer they are the requests of that account.

Examples:
  $ npx countinghouse logs --follow
  $ npx countinghouse logs --user acme --status 402 --from 1d
  $ npx countinghouse logs --endpoint /v1/query --dataset transactions --output csv > queries.csv

Exit codes: 0 done, 1 refused or failed, 2 wrong usage, 130 after Ctrl-C.`

export function registerLogs(program: Command, exit: (code: number) => void): void {
  const command = program
    .command('logs')
    .summary('show requests, also as they come')
    .description('Shows requests, the last one at the end. No body and no key is ever in the log.')
  addOutputOption(addConnectionOptions(command))
    .option('-f, --follow', 'go on with the requests that come, until Ctrl-C')
    .option('--user <user>', 'only those of a user: username or id')
    .option('--key <id>', 'only those with a key, by its id')
    .option('--endpoint <route>', 'only those of a route, such as /v1/query')
    .option('--dataset <name>', 'only queries of a dataset')
    .option('--status <code>', 'only those that got this status, such as 402', parseStatus)
    .option('--from <time>', 'from this time on: such as 30m, 2h, 7d ago, or a time', (text) =>
      parseMoment(text, 'ago'),
    )
    .option('--to <time>', 'before this time', (text) => parseMoment(text, 'ago'))
    .option('--limit <n>', 'requests at most, before those that come', parsePositive, 50)
    .option('--own', "only those of the key's own account")
    .addHelpText('after', HELP)
    .action(async (given: LogArguments) => exit(await (await import('./logs.js')).logs(given)))
}

function parseStatus(text: string): number {
  const value = parseWhole(text)
  if (value < 100 || value > 599) throw new InvalidArgumentError('It must be a status of HTTP, 100 to 599.')
  return value
}
