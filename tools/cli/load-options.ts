import { Command, InvalidArgumentError, Option } from 'commander'
import { existsSync } from 'node:fs'
import { mkdir, readFile } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { connectionOf } from './connection/connection.js'
import { addConnectionOptions, type ConnectionArguments } from './connection/connection-options.js'
import { addFileOptions, fileOptionsOf, type FileOptionArguments } from './file-options.js'
import type { LoadSettings, UploadOptions } from './load-settings.js'
import { addJsonOption, isJson, type OutputArguments } from './output/output-option.js'
import { UsageError } from './usage-error.js'

/** The options as commander hands them over. */
export interface LoadArguments extends ConnectionArguments, OutputArguments<'table' | 'json'>, FileOptionArguments {
  dataset: string
  format?: UploadOptions['format']
  encoding?: string
  mapping?: string
  onError: UploadOptions['onError']
  maxRejected?: string
  force?: true
  rejects?: string
  recursive?: true
  parallel: number
}

const MAX_PARALLEL = 16
const FORMATS = ['csv', 'tsv', 'json', 'ndjson', 'xml', 'parquet'] satisfies UploadOptions['format'][]
/** A whole number, or a percentage of 0 to 100 with at most four decimals: what the server takes. */
const MAX_REJECTED = /^(\d{1,15}|(100(\.0{1,4})?|\d{1,2}(\.\d{1,4})?)%)$/

/** Adds what every command that loads files understands. */
export function addLoadOptions(command: Command): Command {
  return addJsonOption(addConnectionOptions(command))
    .addOption(
      new Option('--on-error <what>', 'quarantine: set bad rows aside; abort: load nothing of a file with a bad row')
        .choices(['quarantine', 'abort'])
        .default('quarantine'),
    )
    .option(
      '--max-rejected <number or percentage>',
      'with more rejected rows (such as 100 or 5%) nothing of a file is loaded',
      parseMaxRejected,
    )
    .option('--encoding <name>', 'of text files that are not UTF-8, such as windows-1252')
    .option('--force', 'load a file although its content has been loaded before')
    .option('--rejects <dir>', 'write the rejected records of each file to DIR/rejects-<name>.csv (.tsv of TSV)')
    .option('--recursive', 'also take the files in subfolders')
    .option(
      '--parallel <n>',
      `files to load at once, 1 to ${MAX_PARALLEL}; with 1, a later file's row replaces an earlier one with the same key`,
      parseParallel,
      1,
    )
}

export function addFormatOptions(command: Command): Command {
  command
    .option('--dataset <name>', 'dataset that the rows go into', 'transactions')
    .addOption(
      new Option('--format <format>', 'format, when neither the name nor the content shows it').choices(FORMATS),
    )
    .option('--mapping <file>', 'JSON file that says which column comes from which header (without: by name)')
  return addFileOptions(command)
}

/** Reads what the options name: the key, the mapping; makes the folder for the rejects. */
export async function settingsOf(given: LoadArguments): Promise<LoadSettings> {
  const { parallel } = given
  const mapping = given.mapping === undefined ? undefined : await readMapping(given.mapping)
  const { url, apiKey } = await connectionOf(given)
  if (given.rejects !== undefined) await makeFolder(given.rejects)
  return {
    url,
    apiKey,
    upload: uploadOptions(given, mapping),
    isForced: given.force === true,
    rejectsFolder: given.rejects,
    parallel,
    json: isJson(given),
  }
}

/** Those that were given. */
function uploadOptions(given: LoadArguments, mapping: string | undefined): LoadSettings['upload'] {
  const { dataset, onError, maxRejected, format, encoding } = given
  const specified = Object.entries({ maxRejected, format, encoding, mapping }).filter(([, value]) => value)
  return { dataset, onError, ...Object.fromEntries(specified), ...fileOptionsOf(given) }
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
  const missing: string[] = []
  for (let folder = resolve(path); !existsSync(folder); folder = dirname(folder)) missing.unshift(folder)
  try {
    // Not `recursive`: below a file system that takes no folders (`/proc/x`) Node 20 tries that for ever.
    for (const folder of missing) await mkdir(folder)
  } catch (error) {
    throw new UsageError(`--rejects: ${(error as Error).message}`)
  }
}

function parseMaxRejected(text: string): string {
  if (!MAX_REJECTED.test(text))
    throw new InvalidArgumentError('It must be a whole number such as 100, or a percentage from 0% to 100% such as 5%.')
  return text
}

function parseParallel(text: string): number {
  const value = Number(text)
  if (!/^\d+$/.test(text) || value < 1 || value > MAX_PARALLEL)
    throw new InvalidArgumentError(`It must be a whole number from 1 to ${MAX_PARALLEL}.`)
  return value
}
