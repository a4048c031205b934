import type { Command } from 'commander'
import { addConnectionOptions, type ConnectionArguments } from './connection/connection-options.js'
import { addJsonOption, type OutputArguments } from './output/output-option.js'

export type StatusArguments = ConnectionArguments & OutputArguments<'table' | 'json'>

const HELP = `
Without a key it shows the server and its engines; with one, who it is of; with the key of an admin, also ingestion,
requests and users.

Exit codes: 0 everything responds, 1 something does not or the key is refused, 2 wrong usage, 130 after Ctrl-C.`

export function registerStatus(program: Command, exit: (code: number) => void): void {
  const command = program
    .command('status')
    .summary('show whether the server, its engines and ingestion are well')
    .description('Shows whether the server and its engines respond, who the key is of, and what ingestion does.')
  addJsonOption(addConnectionOptions(command))
    .addHelpText('after', HELP)
    .action(async (given: StatusArguments) => exit(await (await import('./status.js')).status(given)))
}
