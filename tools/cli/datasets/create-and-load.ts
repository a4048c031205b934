import { basename } from 'node:path'
import { ApiClient, type Proposal } from '../api-client.js'
import { loadFiles } from '../load-files.js'
import type { LoadSettings } from '../load-settings.js'
import { printError } from '../output/messages.js'
import { confirm, ensureTerminal } from '../prompt.js'
import { runCommand } from '../run-command.js'
import { UsageError } from '../usage-error.js'
import { DatasetsClient } from './datasets-client.js'
import { firstQueryText } from './first-query.js'
import { proposalText } from './proposal-text.js'

export interface CreateArguments {
  create?: true
  name?: string
  yes?: true
}

const FAILED = 1

/** Throws UsageError for options that do not go together. */
export function checkCreateArguments(
  { create, name, yes }: CreateArguments,
  { mapping, isDatasetGiven }: { mapping?: string; isDatasetGiven: boolean },
): void {
  if (!create) {
    if (name !== undefined || yes) throw new UsageError('--name and --yes go with --create')
    return
  }
  if (isDatasetGiven) throw new UsageError('--create makes a new dataset: give --name in place of --dataset')
  if (mapping !== undefined)
    throw new UsageError('--create takes the columns from the file: leave --mapping out, or give --dataset')
  if (!yes) ensureTerminal('give --yes to create the dataset without being asked')
}

/**
 * Infers a dataset from the first file, shows it, asks, declares it and loads all files into it. The exit code is that of
 * loading; 1 where nothing was created.
 */
export function createAndLoad(files: string[], settings: LoadSettings, given: CreateArguments): Promise<number> {
  const { url, apiKey, upload } = settings
  const client = new DatasetsClient(new ApiClient(url, apiKey))
  return runCommand(url, async () => {
    const [file] = files as [string, ...string[]]
    const { dataset: _, onError: __, maxRejected: ___, mapping: ____, ...written } = upload
    const proposal = await client.infer(file, written, basename(file), given.name)
    const { dataset } = proposal
    if (await client.find(dataset.name)) return refuseTaken(dataset.name)
    show(proposal, file, settings)
    if (!given.yes && !(await confirm('Create and load?'))) return nothingDone()
    await client.create(dataset)
    say(`Created ${dataset.name}.`, settings)
    const code = await loadFiles(files, { ...settings, upload: { ...upload, dataset: dataset.name } })
    if (code === 0) say(`\n${firstQueryText(dataset, url)}`, settings)
    else process.stderr.write(remains(dataset.name))
    return code
  })
}

function show(proposal: Proposal, file: string, settings: LoadSettings): void {
  say(`${proposalText(proposal, basename(file))}\n`, settings)
}

/** Standard output is the reports' alone where a program reads it. */
function say(text: string, { json }: LoadSettings): void {
  ;(json ? process.stderr : process.stdout).write(`${text}\n`)
}

function refuseTaken(name: string): number {
  printError(
    `a dataset ${name} is there already. Load into it with --dataset ${name} in place of --create, or choose another name with --name.`,
  )
  return FAILED
}

function nothingDone(): number {
  process.stderr.write(
    'Nothing was created. Correct the declaration that "datasets infer --json" prints, and give it to "datasets create".\n',
  )
  return FAILED
}

function remains(name: string): string {
  return `The dataset ${name} is there: load into it with --dataset ${name}, or drop it with "datasets drop ${name}".\n`
}
