import { checkCreateArguments, createAndLoad, type CreateArguments } from './datasets/create-and-load.js'
import { inputFiles } from './input-files.js'
import { loadFiles } from './load-files.js'
import { settingsOf, type LoadArguments } from './load-options.js'
import { printError } from './output/messages.js'

const FAILED = 1

/** Loads what the paths name, and gives the exit code: 1 also where one of them is not there. */
export async function ingest(
  paths: string[],
  given: LoadArguments & CreateArguments,
  isDatasetGiven: boolean,
): Promise<number> {
  checkCreateArguments(given, { mapping: given.mapping, isDatasetGiven })
  const { files, missing } = await inputFiles(paths, { recursive: given.recursive === true })
  const settings = await settingsOf(given)
  for (const message of missing) printError(message)
  const code = await (given.create ? createAndLoad(files, settings, given) : loadFiles(files, settings))
  return code === 0 && missing.length > 0 ? FAILED : code
}
