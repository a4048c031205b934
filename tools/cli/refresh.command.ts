import type { Command } from 'commander'
import { addConnectionOptions, type ConnectionArguments } from './connection/connection-options.js'
import { addOutputOption, type Output, type OutputArguments } from './output/output-option.js'

export function registerRefresh(program: Command, exit: (code: number) => void): void {
  const command = program
    .command('refresh')
    .summary('refresh the materialized views behind the dashboard')
    .description(
      'Refreshes the materialized views behind the dashboard now; readers keep the old ones until it is done.',
    )
  addOutputOption(addConnectionOptions(command)).action(async (given: ConnectionArguments & OutputArguments<Output>) =>
    exit(await (await import('./refresh.js')).refresh(given)),
  )
}
