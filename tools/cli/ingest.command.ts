import type { Command } from 'commander'
import { inputFiles } from './input-files.js'
import { loadFiles } from './load-files.js'
import { addFormatOptions, addLoadOptions, settingsOf, type LoadArguments } from './load-options.js'

const HELP = `
A folder stands for the files in it that end in csv, tsv, tab, json, ndjson, jsonl, xml or parquet, also with .gz or
.zst behind it, in the order of their names. The same content is never loaded twice, so that a command that broke off
can be run again as it is. Ctrl-C cancels the job in work; nothing of it becomes visible.

Examples:
  $ export COUNTINGHOUSE_API_KEY=ch_...
  $ npx countinghouse ingest sales.csv
  $ npx countinghouse ingest --mapping samples/superstore.mapping.json --rejects rejects/ samples/superstore.csv.gz
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
    .addHelpText('after', HELP)
    .action(async (paths: string[], given: LoadArguments) => {
      const files = await inputFiles(paths, { recursive: given.recursive === true })
      exit(await loadFiles(files, await settingsOf(given)))
    })
}
