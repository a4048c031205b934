import type { Command } from 'commander'
import { addConnectionOptions, type ConnectionArguments } from '../connection/connection-options.js'
import { addJsonOption, addOutputOption, type Output, type OutputArguments } from '../output/output-option.js'
import { addInferOptions, type InferArguments } from './infer-options.js'

const HELP = `
Examples:
  $ export COUNTINGHOUSE_API_KEY=ch_...
  $ npx countinghouse datasets infer rides.csv                    what the file looks like
  $ npx countinghouse datasets infer rides.csv --json > rides.json  the declaration, to be corrected
  $ npx countinghouse datasets create rides.json
  $ npx countinghouse ingest --dataset rides rides.csv
  $ npx countinghouse ingest --create rides.csv                   all of it in one go

Exit codes: 0 done, 1 refused or failed, 2 wrong usage, 130 after Ctrl-C.`

type Exit = (code: number) => void
type JsonArguments = ConnectionArguments & OutputArguments<'table' | 'json'>

/** `datasets list|infer|create|describe|drop`: the tables that can be loaded and queried. */
export function registerDatasets(program: Command, exit: Exit): void {
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

function registerList(datasets: Command, exit: Exit): void {
  const command = datasets.command('list').description('Lists the datasets: name, title, rows and last load.')
  addOutputOption(addConnectionOptions(command)).action(async (given: ConnectionArguments & OutputArguments<Output>) =>
    exit(await (await import('./datasets.js')).listDatasets(given)),
  )
}

function registerInfer(datasets: Command, exit: Exit): void {
  const command = datasets
    .command('infer')
    .summary('propose a declaration for a file')
    .description(
      'Proposes a declaration for a file: columns, types, key, time and measures. The server looks at its beginning and keeps nothing. ' +
        'As JSON it is the declaration alone, for "datasets create".',
    )
    .argument('<file>', 'a file as it would be loaded')
  addJsonOption(addInferOptions(addConnectionOptions(command))).action(
    async (file: string, given: InferArguments & JsonArguments) =>
      exit(await (await import('./datasets.js')).inferDataset(file, given)),
  )
}

function registerCreate(datasets: Command, exit: Exit): void {
  const command = datasets
    .command('create')
    .summary('declare a dataset')
    .description('Declares a dataset from a JSON file, as "datasets infer --json" prints it.')
    .argument('<file>', 'file with the declaration, "-" for standard input')
  addJsonOption(addConnectionOptions(command)).action(async (file: string, given: JsonArguments) =>
    exit(await (await import('./datasets.js')).createDataset(file, given)),
  )
}

function registerDescribe(datasets: Command, exit: Exit): void {
  const command = datasets
    .command('describe')
    .summary('show the columns and measures of a dataset')
    .description('Shows the columns, key, time dimension, measures, file options and rows of a dataset.')
    .argument('<name>', 'name of the dataset')
  addJsonOption(addConnectionOptions(command)).action(async (name: string, given: JsonArguments) =>
    exit(await (await import('./datasets.js')).describeDataset(name, given)),
  )
}

function registerDrop(datasets: Command, exit: Exit): void {
  const command = datasets
    .command('drop')
    .summary('drop a dataset with all of its rows')
    .description('Drops a declared dataset with all of its rows; its jobs stay in the history.')
    .argument('<name>', 'name of the dataset')
  addJsonOption(addConnectionOptions(command))
    .option('--yes', 'do not ask')
    .action(async (name: string, given: JsonArguments & { yes?: true }) =>
      exit(await (await import('./datasets.js')).dropDataset(name, given)),
    )
}
