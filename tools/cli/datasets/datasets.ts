import { basename } from 'node:path'
import { ApiError } from '../api-errors.js'
import type { ConnectionArguments } from '../connection/connection-options.js'
import { rowsOf } from '../format.js'
import { readJsonObject } from '../json-file.js'
import { note, print } from '../output/messages.js'
import { isJson, outputOf, type Output, type OutputArguments } from '../output/output-option.js'
import { printRows } from '../output/print-rows.js'
import { ensureTerminal, prompt } from '../prompt.js'
import { runChange, runReading } from '../run-command.js'
import { unknownName } from '../unknown-name.js'
import { CommandError, UsageError } from '../usage-error.js'
import { keyText } from './column-text.js'
import { datasetText, LIST_COLUMNS } from './dataset-text.js'
import { DatasetsClient, type Declaration, type DeclaredDataset } from './datasets-client.js'
import { fileSettingsOf, type InferArguments } from './infer-options.js'
import { proposalText } from './proposal-text.js'

type Arguments = ConnectionArguments & OutputArguments<'table' | 'json'>

const FAILED = 1
const EXAMPLE = 'as "datasets infer FILE --json" prints it'

export function listDatasets(given: ConnectionArguments & OutputArguments<Output>): Promise<number> {
  return runReading(given, async ({ api }) =>
    printRows(await new DatasetsClient(api).list(), LIST_COLUMNS, outputOf(given)),
  )
}

export function inferDataset(file: string, given: InferArguments & Arguments): Promise<number> {
  return runReading(given, async ({ api }) => {
    const settings = fileSettingsOf(given)
    const proposal = await new DatasetsClient(api).infer(file, settings, basename(file), given.name)
    print(isJson(given) ? JSON.stringify(proposal.dataset, null, 2) : proposalText(proposal, basename(file)))
  })
}

export async function createDataset(file: string, given: Arguments): Promise<number> {
  if (file === '-' && given.keyFile === '-')
    throw new UsageError('standard input cannot be the declaration and the key; put one of them into a file')
  const declaration = (await readJsonObject(file, EXAMPLE)) as Declaration
  return runChange(given, async ({ api }) => {
    const dataset = await new DatasetsClient(api).create(declaration)
    print(isJson(given) ? JSON.stringify(dataset) : createdText(dataset))
  })
}

export function describeDataset(name: string, given: Arguments): Promise<number> {
  return runReading(given, async ({ api }) => {
    const client = new DatasetsClient(api)
    const dataset = await client.get(name).catch((error: unknown) => rethrow(error, client, name))
    print(isJson(given) ? JSON.stringify(dataset) : datasetText(dataset))
  })
}

export async function dropDataset(name: string, given: Arguments & { yes?: true }): Promise<number> {
  if (!given.yes) ensureTerminal('give --yes to drop the dataset without being asked')
  return runChange(given, async ({ api }) => {
    const client = new DatasetsClient(api)
    const { rowCount } = await client.getDeclared(name).catch((error: unknown) => rethrow(error, client, name))
    if (!given.yes && !(await isConfirmed(name, rowCount))) return FAILED
    await client.drop(name)
    const text = `Dropped ${name} with ${rowsOf(rowCount)}. Its jobs stay in the history.`
    print(isJson(given) ? JSON.stringify({ name, rowCount }) : text)
  })
}

async function isConfirmed(name: string, rowCount: number): Promise<boolean> {
  note(`${name} has ${rowsOf(rowCount)}; they cannot be brought back.`)
  if ((await prompt('Type its name to drop it: ')) === name) return true
  note('That is not its name; nothing was dropped.')
  return false
}

/** Of a name that does not exist, those that do are told. */
async function rethrow(error: unknown, client: DatasetsClient, name: string): Promise<never> {
  if (!(error instanceof ApiError) || error.code !== 'NOT_FOUND') throw error
  const names = (await client.list()).map((dataset) => dataset.name)
  throw new CommandError(unknownName('dataset', name, names))
}

function createdText({ name, columns, key, timeDimension }: DeclaredDataset): string {
  return [
    `Created ${name}: ${columns.length} columns`,
    `key: ${keyText(key)}`,
    `time dimension: ${timeDimension ?? 'none'}`,
    `Load files into it: npx countinghouse ingest --dataset ${name} FILE`,
  ].join('\n')
}
