import type { Command } from 'commander'
import { addFileOptions, fileOptionsOf, type FileOptionArguments } from '../file-options.js'
import { parseDatasetName } from './dataset-name.js'
import type { FileSettings } from './datasets-client.js'

export interface InferArguments extends FileOptionArguments {
  name?: string
  format?: string
  encoding?: string
}

/** Adds how a file is written, where that is not to be found out, and the name of the dataset. */
export function addInferOptions(command: Command): Command {
  command
    .option('--name <name>', 'name of the dataset (default: made of the file name)', parseDatasetName)
    .option(
      '--format <format>',
      'csv, tsv, json, ndjson, xml or parquet, when neither the name nor the content shows it',
    )
    .option('--encoding <name>', 'of text files that are not UTF-8, such as windows-1252')
  return addFileOptions(command)
}

/** Those that were given, as the API takes them. */
export function fileSettingsOf(given: InferArguments): FileSettings {
  const { format, encoding } = given
  const named = Object.entries({ format, encoding, ...fileOptionsOf(given) })
  return Object.fromEntries(named.filter((entry): entry is [string, string] => Boolean(entry[1])))
}
