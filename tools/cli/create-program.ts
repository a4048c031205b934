import { Command } from 'commander'
import { registerCredits } from './accounts/credits.command.js'
import { registerKeys } from './accounts/keys.command.js'
import { registerUsers } from './accounts/users.command.js'
import { registerBackup, registerRestore } from './backup.command.js'
import { registerCompletion } from './completion.command.js'
import { registerLogin, registerProfiles } from './connection/profiles.command.js'
import { registerDatasets } from './datasets/datasets.command.js'
import { registerEndpoints } from './endpoints/endpoints.command.js'
import { registerGenerate } from './generate.command.js'
import { registerIngest } from './ingest.command.js'
import { registerLogs } from './logs/logs.command.js'
import { registerQuery } from './query/query.command.js'
import { registerRefresh } from './refresh.command.js'
import { registerSeed } from './seed.command.js'
import { registerStatus } from './status.command.js'

const KEY = /ch_[0-9A-Za-z]{43}/g

/** All commands; what they do is loaded when they run. `exit` takes their exit codes. */
export function createProgram(version: string, exit: (code: number) => void): Command {
  const program = new Command('countinghouse')
    .description(
      'Works with a Countinghouse server: loads files, runs queries, manages datasets, users, keys, credits and endpoints, ' +
        'shows logs and health, and backs it up.',
    )
    .version(version, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'explain a command')
    .showHelpAfterError('(--help explains the command)')
    // Whoever gives a key as an argument does not want it in a log as well.
    .configureOutput({ outputError: (text, write) => write(text.replace(KEY, 'ch_…')) })
    .exitOverride()

  program.commandsGroup('Data:')
  registerIngest(program, exit)
  registerQuery(program, exit)
  registerDatasets(program, exit)
  registerEndpoints(program, exit)
  program.commandsGroup('Customers:')
  registerUsers(program, exit)
  registerKeys(program, exit)
  registerCredits(program, exit)
  program.commandsGroup('Operation:')
  registerStatus(program, exit)
  registerLogs(program, exit)
  registerRefresh(program, exit)
  registerBackup(program, version, exit)
  registerRestore(program, exit)
  program.commandsGroup('Samples:')
  registerGenerate(program, exit)
  registerSeed(program, exit)
  program.commandsGroup('This command line:')
  registerLogin(program, exit)
  registerProfiles(program, exit)
  registerCompletion(program)
  // Below the last heading.
  program.helpCommand('help [command]', 'explain a command')
  return program
}
