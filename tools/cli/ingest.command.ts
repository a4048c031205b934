import type { Command } from 'commander'
import type { CreateArguments } from './datasets/create-and-load.js'
import { parseDatasetName } from './datasets/dataset-name.js'
import { addFormatOptions, addLoadOptions, type LoadArguments } from './load-options.js'

const HELP = `
A folder stands for the files in it that end in csv, tsv, tab, json, ndjson, jsonl, xml or parquet, also with .gz or
.zst behind it, in the order of their names. The same content is never loaded twice, so that a command that broke off
can be run again as it is; a path that is not there does not keep the others from being loaded. Ctrl-C cancels the job
in work; nothing of it becomes visible.

Examples:
  $ export COUNTINGHOUSE_API_KEY=ch_...
  $ npx countinghouse ingest sales.csv
  $ npx countinghouse ingest --mapping samples/superstore.mapping.json --rejects rejects/ samples/superstore.csv.gz
  $ npx countinghouse ingest --create rides.csv
  $ npx countinghouse ingest --recursive --parallel 2 /data/exports

A mapping, for headers that are named otherwise than the columns:
  {"TransactionId": "Row ID", "TransactionDate": {"from": "Order Date", "format": "M/D/YYYY"}, "TotalPrice": "Sales"}

Exit codes: 0 every file is loaded (rejected rows included: see --on-error), 1 at least one is not, 2 wrong usage,
130 after Ctrl-C.`

export function registerIngest(program: Command, exit: (code: number) => void): void {
  const command = program
    .command('ingest')
    .summary('load files, with progress, and say what became of each row')
    .description('Loads files of transactions (or another dataset) into a running server, and waits until they are in.')
    .argument('<path...>', 'files, or folders of files')
  addLoadOptions(addFormatOptions(command))
    .option('--create', 'make a new dataset of what the first file holds, after showing it, and load the files into it')
    .option('--name <name>', 'with --create: name of the dataset (default: made of the file name)', parseDatasetName)
    .option('--yes', 'with --create: do not ask')
    .addHelpText('after', HELP)
    .action(async (paths: string[], given: LoadArguments & CreateArguments) => {
      const isDatasetGiven = command.getOptionValueSource('dataset') !== 'default'
      exit(await (await import('./ingest.js')).ingest(paths, given, isDatasetGiven))
    })
}
