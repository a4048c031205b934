import { InvalidArgumentError, type Command } from 'commander'
import { addConnectionOptions } from '../connection/connection-options.js'
import { addJsonOption, addOutputOption, type OutputArguments } from '../output/output-option.js'
import { parseMoment } from '../parse-moment.js'
import { parsePositive, parseWhole } from '../parse-whole.js'
import type { KeyArguments } from './keys.command.js'

export type AccountArguments = KeyArguments & OutputArguments
export type OneAccountArguments = KeyArguments & OutputArguments<'table' | 'json'>

export interface AddCreditsArguments extends OneAccountArguments {
  reason?: string
  priority?: number
  expires?: string
}

type Exit = (code: number) => void

const MAX_PRIORITY = 100
const HELP = `
USER is a username or an id. Without --user it is the account whose key is used.

Examples:
  $ npx countinghouse credits show
  $ npx countinghouse credits add acme 100 --reason "invoice 4711" --expires 90d
  $ npx countinghouse credits ledger --user acme --output csv > ledger.csv

Exit codes: 0 done, 1 refused or failed, 2 wrong usage, 130 after Ctrl-C.`

/** `credits show|add|grants|ledger|void`: what accounts can spend, and what they spent. */
export function registerCredits(program: Command, exit: Exit): void {
  const credits = program
    .command('credits')
    .summary('show balances, grants and ledgers; add and take back credits')
    .description('What accounts can spend, and what they spent.')
    .addHelpText('after', HELP)
  registerShow(credits, exit)
  registerAdd(credits, exit)
  registerGrants(credits, exit)
  registerLedger(credits, exit)
  registerVoid(credits, exit)
}

function registerShow(credits: Command, exit: Exit): void {
  const command = credits.command('show').description('Shows the balance of an account.')
  addJsonOption(addAccountOptions(command)).action(async (given: OneAccountArguments) =>
    exit(await (await import('./credits.js')).showCredits(given)),
  )
}

function registerAdd(credits: Command, exit: Exit): void {
  const command = credits
    .command('add')
    .description('Grants credits to a user; a broken connection grants them once all the same.')
    .argument('<user>', 'username or id')
    .argument('<amount>', 'whole credits', parsePositive)
  addJsonOption(addConnectionOptions(command))
    .option('--reason <text>', 'stands in the ledger')
    .option('--priority <n>', `0 to ${MAX_PRIORITY}, lower burns first (default: 50)`, parsePriority)
    .option('--expires <time>', 'when the rest expires: such as 90d, or a time (default: never)', (text) =>
      parseMoment(text, 'ahead'),
    )
    .action(async (user: string, amount: number, given: AddCreditsArguments) =>
      exit(await (await import('./credits.js')).addCredits(user, amount, given)),
    )
}

function registerGrants(credits: Command, exit: Exit): void {
  const command = credits
    .command('grants')
    .description('Lists the grants of a user, in the order in which they burn.')
    .argument('<user>', 'username or id')
  addOutputOption(addConnectionOptions(command)).action(async (user: string, given: AccountArguments) =>
    exit(await (await import('./credits.js')).listGrants(user, given)),
  )
}

function registerLedger(credits: Command, exit: Exit): void {
  const command = credits.command('ledger').description('Lists what moved a balance, newest first.')
  addOutputOption(addAccountOptions(command))
    .option('--limit <n>', 'entries at most', parsePositive, 50)
    .action(async (given: AccountArguments & { limit: number }) =>
      exit(await (await import('./credits.js')).listLedger(given)),
    )
}

function registerVoid(credits: Command, exit: Exit): void {
  const command = credits
    .command('void')
    .description('Takes back what is left of a grant; doing it again changes nothing.')
    .argument('<grant>', 'id of the grant')
  addJsonOption(addConnectionOptions(command)).action(async (grant: string, given: OneAccountArguments) =>
    exit(await (await import('./credits.js')).voidGrant(grant, given)),
  )
}

function addAccountOptions(command: Command): Command {
  return addConnectionOptions(command).option('--user <user>', 'username or id of another user')
}

function parsePriority(text: string): number {
  const value = parseWhole(text)
  if (value > MAX_PRIORITY) throw new InvalidArgumentError(`It must be at most ${MAX_PRIORITY}.`)
  return value
}
