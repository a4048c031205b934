import type { Command } from 'commander'
import { basename } from 'node:path'
import { ApiClient } from '../api-client.js'
import { readApiKey } from '../api-key.js'
import { rowsOf } from '../format.js'
import { addConnectionOptions } from '../load-options.js'
import { ensureTerminal, prompt } from '../prompt.js'
import { runCommand } from '../run-command.js'
import { UsageError } from '../usage-error.js'
import { keyText } from './column-text.js'
import { datasetText, listText } from './dataset-text.js'
import { DatasetsClient, type DeclaredDataset } from './datasets-client.js'
import { readDeclaration } from './declaration-file.js'
import { addInferOptions, fileSettingsOf, type InferArguments } from './infer-options.js'
import { proposalText } from './proposal-text.js'

interface ConnectionArguments {
  url: URL
  keyFile?: string
}

interface JsonArguments extends ConnectionArguments {
  json?: true
}

const FAILED = 1
const HELP = `
Examples:
  $ export COUNTINGHOUSE_API_KEY=ch_...
  $ npx countinghouse datasets infer rides.csv                    what the file looks like
  $ npx countinghouse datasets infer rides.csv --json > rides.json  the declaration, to be corrected
  $ npx countinghouse datasets create rides.json
  $ npx countinghouse ingest --dataset rides rides.csv
  $ npx countinghouse ingest --create rides.csv                   all of it in one go

Exit codes: 0 done, 1 refused or failed, 2 wrong usage.`

/** `datasets list|infer|create|describe|drop`: the tables that can be loaded and queried. */
export function registerDatasets(program: Command, exit: (code: number) => void): void {
  const datasets = program
    .command('datasets')
    .summary('list, infer, create, describe and drop datasets')
    .description('The tables of a server: what can be loaded into them and queried.')
    .addHelpText('after', HELP)
  registerList(datasets, exit)
  registerInfer(datasets, exit)
  registerCreate(datasets, exit)
  registerDescribe(datasets, exit)
  registerDrop(datasets, exit)
}

function registerList(datasets: Command, exit: (code: number) => void): void {
  addConnectionOptions(datasets.command('list').description('Lists the datasets: name, title, rows and last load.'))
    .option('--json', 'print them as JSON')
    .action((given: JsonArguments) =>
      run(given, exit, async (client) => {
        const all = await client.list()
        print(given.json ? JSON.stringify(all) : listText(all))
      }),
    )
}

function registerInfer(datasets: Command, exit: (code: number) => void): void {
  const command = datasets
    .command('infer')
    .summary('propose a declaration for a file')
    .description(
      'Proposes a declaration for a file: columns, types, key, time and measures. The server looks at its beginning and keeps nothing.',
    )
    .argument('<file>', 'a file as it would be loaded')
  addInferOptions(addConnectionOptions(command))
    .option('--json', 'print the declaration alone, for "datasets create"')
    .action((file: string, given: InferArguments & JsonArguments) =>
      run(given, exit, async (client) => {
        const proposal = await client.infer(file, fileSettingsOf(given), basename(file), given.name)
        print(given.json ? JSON.stringify(proposal.dataset, null, 2) : proposalText(proposal, basename(file)))
      }),
    )
}

function registerCreate(datasets: Command, exit: (code: number) => void): void {
  const command = datasets
    .command('create')
    .summary('declare a dataset')
    .description('Declares a dataset from a JSON file, as "datasets infer --json" prints it.')
    .argument('<file>', 'file with the declaration, "-" for standard input')
  addConnectionOptions(command)
    .option('--json', 'print the dataset as JSON')
    .action(async (file: string, given: JsonArguments) => {
      if (file === '-' && given.keyFile === '-')
        throw new UsageError('standard input cannot be the declaration and the key; put one of them into a file')
      const declaration = await readDeclaration(file)
      await run(given, exit, async (client) => {
        const dataset = await client.create(declaration)
        print(given.json ? JSON.stringify(dataset) : createdText(dataset))
      })
    })
}

function registerDescribe(datasets: Command, exit: (code: number) => void): void {
  const command = datasets
    .command('describe')
    .summary('show the columns and measures of a dataset')
    .description('Shows the columns, key, time dimension, measures, file options and rows of a dataset.')
    .argument('<name>', 'name of the dataset')
  addConnectionOptions(command)
    .option('--json', 'print the dataset as JSON')
    .action((name: string, given: JsonArguments) =>
      run(given, exit, async (client) => {
        const dataset = await client.get(name)
        print(given.json ? JSON.stringify(dataset) : datasetText(dataset))
      }),
    )
}

function registerDrop(datasets: Command, exit: (code: number) => void): void {
  const command = datasets
    .command('drop')
    .summary('drop a dataset with all of its rows')
    .description('Drops a declared dataset with all of its rows; its jobs stay in the history.')
    .argument('<name>', 'name of the dataset')
  addConnectionOptions(command)
    .option('--yes', 'do not ask')
    .action(async (name: string, given: ConnectionArguments & { yes?: true }) => {
      if (!given.yes) ensureTerminal('give --yes to drop the dataset without being asked')
      await run(given, exit, (client) => drop(client, name, given.yes === true))
    })
}

async function drop(client: DatasetsClient, name: string, isConfirmed: boolean): Promise<number> {
  const { rowCount } = await client.getDeclared(name)
  if (!isConfirmed) {
    process.stderr.write(`${name} has ${rowsOf(rowCount)}; they cannot be brought back.\n`)
    if ((await prompt(`Type its name to drop it: `)) !== name) {
      process.stderr.write('That is not its name; nothing was dropped.\n')
      return FAILED
    }
  }
  await client.drop(name)
  print(`Dropped ${name} with ${rowsOf(rowCount)}. Its jobs stay in the history.`)
  return 0
}

/** Runs the work of a subcommand, whose exit code is 0 unless it says another. */
async function run(
  { url, keyFile }: ConnectionArguments,
  exit: (code: number) => void,
  work: (client: DatasetsClient) => Promise<number | void>,
): Promise<void> {
  const client = new DatasetsClient(new ApiClient(url, await readApiKey(keyFile)))
  exit(await runCommand(url, async () => (await work(client)) ?? 0))
}

function createdText({ name, columns, key, timeDimension }: DeclaredDataset): string {
  return [
    `Created ${name}: ${columns.length} columns`,
    `key: ${keyText(key)}`,
    `time dimension: ${timeDimension ?? 'none'}`,
    `Load files into it: npx countinghouse ingest --dataset ${name} FILE`,
  ].join('\n')
}

function print(text: string): void {
  process.stdout.write(`${text}\n`)
}
