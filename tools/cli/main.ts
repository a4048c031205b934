#!/usr/bin/env node
import { CommanderError } from 'commander'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { FileError } from './api-errors.js'
import { createProgram } from './create-program.js'
import { printError } from './output/messages.js'
import { CommandError, UsageError } from './usage-error.js'

const FAILED = 1
const WRONG_USAGE = 2

const { version } = JSON.parse(readFileSync(join(import.meta.dirname, '../../../package.json'), 'utf8')) as {
  version: string
}

const exit = (code: number): void => void (process.exitCode = code)

// Whoever reads the output may have read enough (`| head`); the work goes on.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error
  })
}

try {
  const program = createProgram(version, exit)
  // What the scripts of "completion" call at each press of Tab.
  if (process.argv[2] === 'complete') (await import('./completion.js')).addCompletion(program)
  await program.parseAsync()
} catch (error) {
  if (error instanceof CommanderError) exit(error.exitCode === 0 ? 0 : WRONG_USAGE)
  else if (error instanceof UsageError || error instanceof CommandError || error instanceof FileError) {
    printError(error.message)
    exit(error instanceof UsageError ? WRONG_USAGE : FAILED)
  } else throw error
}
