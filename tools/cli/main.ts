#!/usr/bin/env node
import { Command, CommanderError } from 'commander'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { FileError } from './api-errors.js'
import { registerBackup, registerRestore } from './backup.command.js'
import { registerDatasets } from './datasets/datasets.command.js'
import { registerGenerate } from './generate.command.js'
import { registerIngest } from './ingest.command.js'
import { registerRefresh } from './refresh.command.js'
import { registerSeed } from './seed.command.js'
import { UsageError } from './usage-error.js'
import { registerUsers } from './users.command.js'

const FAILED = 1
const WRONG_USAGE = 2
const KEY = /ch_[0-9A-Za-z]{43}/g

const { version } = JSON.parse(readFileSync(join(import.meta.dirname, '../../../package.json'), 'utf8')) as {
  version: string
}

const exit = (code: number): void => void (process.exitCode = code)

const program = new Command('countinghouse')
  .description(
    'Declares datasets, loads files and users, sends sample events, fills a sample shop and refreshes reports, over HTTP; ' +
      'makes sample files, and backs a system up.',
  )
  .version(version, '-V, --version', 'print the version')
  .helpOption('-h, --help', 'explain a command')
  .helpCommand('help [command]', 'explain a command')
  .showHelpAfterError('(--help explains the command)')
  // Whoever gives a key as an argument does not want it in a log as well.
  .configureOutput({ outputError: (text, write) => write(text.replace(KEY, 'ch_…')) })
  .exitOverride()

// Whoever reads the output may have read enough (`| head`); the work goes on.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error
  })
}

registerIngest(program, exit)
registerDatasets(program, exit)
registerUsers(program, exit)
registerGenerate(program, exit)
registerRefresh(program, exit)
registerSeed(program, exit)
registerBackup(program, version, exit)
registerRestore(program, exit)

try {
  await program.parseAsync()
} catch (error) {
  if (error instanceof CommanderError) exit(error.exitCode === 0 ? 0 : WRONG_USAGE)
  else if (error instanceof UsageError || error instanceof FileError) {
    process.stderr.write(`error: ${error.message}\n`)
    exit(error instanceof UsageError ? WRONG_USAGE : FAILED)
  } else throw error
}
