import { Command, InvalidArgumentError, Option } from 'commander'
import { readFile } from 'node:fs/promises'
import { createFolder } from '../common/create-folder.js'
import { FORMATS, type Format, type OnError } from '../ingestion/ingestion.js'
import { readApiKey } from './api-key.js'
import type { LoadSettings } from './load-settings.js'
import { UsageError } from './usage-error.js'

/** The options as commander hands them over. */
export interface LoadArguments {
  url: URL
  keyFile?: string
  dataset: string
  format?: Format
  encoding?: string
  mapping?: string
  onError: OnError
  force?: true
  rejects?: string
  recursive?: true
  parallel: number
  json?: true
}

const MOST_PARALLEL = 16

/** Adds where the server is and which key it gets. */
export function addConnectionOptions(command: Command): Command {
  return command
    .addOption(
      new Option('--url <url>', 'address of the server')
        .env('COUNTINGHOUSE_URL')
        .default(new URL('http://localhost:8080'), 'http://localhost:8080')
        .argParser(parseUrl),
    )
    .option('--key-file <file>', 'file that holds the API key, "-" for standard input (default: COUNTINGHOUSE_API_KEY)')
}

/** Adds what every command that loads files understands. */
export function addLoadOptions(command: Command): Command {
  return addConnectionOptions(command)
    .addOption(
      new Option('--on-error <what>', 'a bad row is set aside, or nothing of its file is loaded')
        .choices(['quarantine', 'abort'])
        .default('quarantine'),
    )
    .option('--encoding <name>', 'of text files that are not UTF-8, such as windows-1252')
    .option('--force', 'load a file although its content has been loaded before')
    .option('--rejects <dir>', 'write the rejected records of each file to DIR/rejects-<name>.csv')
    .option('--recursive', 'also take the files in subfolders')
    .option(
      '--parallel <n>',
      'files in work at once; one at a time, a later file replaces rows of an earlier one',
      parseParallel,
      1,
    )
    .option('--json', 'print one line of JSON for each file')
}

export function addFormatOptions(command: Command): Command {
  return command
    .option('--dataset <name>', 'dataset that the rows go into', 'transactions')
    .addOption(new Option('--format <format>', 'when neither the name nor the content tells it').choices(FORMATS))
    .option('--mapping <file>', 'JSON file that says which column comes from which header (without: by name)')
}

/** Reads what the options name: the key, the mapping; makes the folder for the rejects. */
export async function settingsOf(given: LoadArguments): Promise<LoadSettings> {
  const { url, dataset, format, encoding, onError, parallel } = given
  const mapping = given.mapping === undefined ? undefined : await readMapping(given.mapping)
  const apiKey = await readApiKey(given.keyFile)
  if (given.rejects !== undefined) await makeFolder(given.rejects)
  return {
    url,
    apiKey,
    upload: { dataset, onError, ...(format && { format }), ...(encoding && { encoding }), ...(mapping && { mapping }) },
    isForced: given.force === true,
    rejectsFolder: given.rejects,
    parallel,
    json: given.json === true,
  }
}

async function readMapping(path: string): Promise<string> {
  const text = await readFile(path, 'utf8').catch((error: Error) => {
    throw new UsageError(`--mapping: ${error.message}`)
  })
  try {
    // Without its white space: it travels in the address.
    return JSON.stringify(JSON.parse(text))
  } catch (error) {
    throw new UsageError(`--mapping: ${path} is not JSON: ${(error as Error).message}`)
  }
}

async function makeFolder(path: string): Promise<void> {
  await createFolder(path, 0o777).catch((error: Error) => {
    throw new UsageError(`--rejects: ${error.message}`)
  })
}

function parseUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (!url || !['http:', 'https:'].includes(url.protocol))
    throw new InvalidArgumentError('It must begin with http:// or https://.')
  // Paths are resolved against it.
  if (!url.pathname.endsWith('/')) url.pathname += '/'
  return url
}

function parseParallel(text: string): number {
  const value = Number(text)
  if (!/^\d+$/.test(text) || value < 1 || value > MOST_PARALLEL)
    throw new InvalidArgumentError(`It must be a whole number from 1 to ${MOST_PARALLEL}.`)
  return value
}
