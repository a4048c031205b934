import type { Command } from 'commander'
import type { Schemas } from '../../../clients/typescript/index.js'
import { addConnectionOptions, type ConnectionArguments } from '../connection/connection-options.js'
import { parseWhole } from '../parse-whole.js'
import {
  collectFilter,
  parseDateRange,
  parseNames,
  parseOrder,
  parseTimeDimension,
  type Filter,
} from './query-flags.js'
import { addResultOptions, type ResultArguments } from './result-options.js'

/** What the flags say of a query, as commander hands it over; the names are those of the API where it has them. */
export interface QueryFlags {
  dataset?: string
  measures?: string[]
  dimensions?: string[]
  select?: string[]
  timeDimension?: Schemas['QueryTimeDimension']
  dateRange?: string | string[]
  filter?: Filter[]
  order?: string[][]
  limit?: number
  offset?: number
  total?: true
  timezone?: string
  maxCost?: number
}

export interface QueryArguments extends ConnectionArguments, ResultArguments, QueryFlags {
  dryRun?: true
}

const HELP = `
The query is JSON as the body of POST /v1/query, a file with it, "-" for standard input, or nothing but flags; flags win
over what the JSON says. A table and JSON have at most 100 rows unless --limit says more (50,000 at most); the other
formats have all. The result goes to standard output, its cost to standard error.

Examples:
  $ npx countinghouse query --dataset transactions --measures revenue,transactions --dimensions category --order revenue:desc
  $ npx countinghouse query --dataset transactions --measures revenue --time-dimension transaction_date:month \\
      --date-range 2016-01-01..2016-12-31 --filter country="United States" --filter category!=Toys
  $ npx countinghouse query --dataset transactions --select transaction_id,total_price --output csv --out sales.csv
  $ npx countinghouse query '{"dataset":"transactions","measures":["revenue"]}' --dry-run
  $ npx countinghouse query monthly.json --output ndjson | head

Exit codes: 0 done, 1 refused or failed, 2 wrong usage, 130 after Ctrl-C: the server cancels the query, and nothing is
charged unless the result had begun to arrive.`

export function registerQuery(program: Command, exit: (code: number) => void): void {
  const command = program
    .command('query')
    .summary('run a query; say what it costs with --dry-run')
    .description('Runs a query and prints its result.')
    .argument('[query]', 'the query as JSON, a file with it, or "-" for standard input (without: from the flags)')
  addQueryFlags(command)
  addResultOptions(addConnectionOptions(command))
    .option('--dry-run', 'print the cost, the rows to be read and the SQL; free')
    .addHelpText('after', HELP)
    .action(async (query: string | undefined, given: QueryArguments) =>
      exit(await (await import('./query.js')).query(query, given)),
    )
}

function addQueryFlags(command: Command): void {
  command
    .option('--dataset <name>', 'what to query')
    .option('--measures <names>', 'figures, with commas between them', parseNames)
    .option('--dimensions <names>', 'what they are grouped by', parseNames)
    .option('--select <names>', 'rows instead of groups: these columns of them', parseNames)
    .option(
      '--time-dimension <name:granularity>',
      'time to group by, such as transaction_date:month',
      parseTimeDimension,
    )
    .option('--date-range <range>', 'of that time: FROM..TO, one day, or such as "last year"', parseDateRange)
    .option(
      '--filter <condition>',
      'such as country=Germany,France or revenue>=1000; may be given several times',
      collectFilter,
    )
    .option('--order <names>', 'such as revenue:desc,country', parseOrder)
    .option('--limit <n>', 'rows at most', parseWhole)
    .option('--offset <n>', 'rows to leave out at the beginning', parseWhole)
    .option('--total', 'also count all rows')
    .option('--timezone <zone>', 'of "today" and of days, such as Europe/Berlin (default: UTC)')
    .option('--max-cost <credits>', 'refuse the query when it costs more', parseWhole)
}
