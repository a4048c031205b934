import { Option, type Command } from 'commander'
import { addConnectionOptions, type ConnectionArguments } from '../connection/connection-options.js'
import { addLoadOptions, type LoadArguments } from '../load-options.js'
import { addJsonOption, addOutputOption, type OutputArguments } from '../output/output-option.js'
import { parsePositive, parseWhole } from '../parse-whole.js'

export type OneArguments = ConnectionArguments & OutputArguments<'table' | 'json'>

export interface UserListArguments extends ConnectionArguments, OutputArguments {
  search?: string
  role?: Role
  status?: 'active' | 'disabled'
  maxCredits?: number
  limit: number
}

/** What a user is made with or changed to. */
export interface UserFields {
  email?: string
  firstName?: string
  lastName?: string
  role?: Role
  rateLimit?: number
  sendEvents?: boolean
  plan?: string
}

export type CreateUserArguments = OneArguments & UserFields & { credits?: number }
export type UpdateUserArguments = OneArguments & UserFields & { username?: string; disable?: true; enable?: true }

const ROLES = ['admin', 'viewer', 'member'] as const
type Role = (typeof ROLES)[number]
type Exit = (code: number) => void

const HELP = `
USER is a username or an id.

Examples:
  $ npx countinghouse users list --search acme
  $ npx countinghouse users create acme --credits 100
  $ npx countinghouse users show acme
  $ npx countinghouse users update acme --disable
  $ npx countinghouse users import users.csv

Exit codes: 0 done, 1 refused or failed, 2 wrong usage, 130 after Ctrl-C.`

const IMPORT_HELP = `
The header is id,first_name,last_name,email_address,created_at,deleted_at,merged_at,parent_user_id; the times are Unix
milliseconds or seconds, -1 for none.

Example:
  $ npx countinghouse users import users.csv

Exit codes: 0 every file is loaded, 1 at least one is not, 2 wrong usage, 130 after Ctrl-C.`

/** `users list|create|describe|update|delete|import`: the accounts of a server. */
export function registerUsers(program: Command, exit: Exit): void {
  const users = program
    .command('users')
    .summary('list, create, describe, update, delete and import users')
    .description('The accounts of a server.')
    .addHelpText('after', HELP)
  registerList(users, exit)
  registerCreate(users, exit)
  registerDescribe(users, exit)
  registerUpdate(users, exit)
  registerDelete(users, exit)
  registerImport(users, exit)
}

function registerList(users: Command, exit: Exit): void {
  const command = users.command('list').description('Lists users with their balances, newest first.')
  addOutputOption(addConnectionOptions(command))
    .option('--search <text>', 'in the username, name or email')
    .addOption(new Option('--role <role>').choices(ROLES))
    .addOption(new Option('--status <status>').choices(['active', 'disabled']))
    .option('--max-credits <n>', 'only those with at most so many credits', parseWhole)
    .option('--limit <n>', 'users at most', parsePositive, 100)
    .action(async (given: UserListArguments) => exit(await (await import('./users.js')).listUsers(given)))
}

function registerCreate(users: Command, exit: Exit): void {
  const command = users
    .command('create')
    .summary('create a user with a first key')
    .description('Creates a user with a first key, which is printed on standard output, and nowhere else again.')
    .argument('<username>')
  addUserFields(addJsonOption(addConnectionOptions(command)))
    .option('--credits <n>', 'first grant', parseWhole)
    .action(async (username: string, given: CreateUserArguments) =>
      exit(await (await import('./users.js')).createUser(username, given)),
    )
}

function registerDescribe(users: Command, exit: Exit): void {
  const command = users
    .command('describe')
    .alias('show')
    .description('Shows a user.')
    .argument('<user>', 'username or id')
  addJsonOption(addConnectionOptions(command)).action(async (user: string, given: OneArguments) =>
    exit(await (await import('./users.js')).describeUser(user, given)),
  )
}

function registerUpdate(users: Command, exit: Exit): void {
  const command = users
    .command('update')
    .description('Changes a user; what is not given stays.')
    .argument('<user>', 'username or id')
  addUserFields(addJsonOption(addConnectionOptions(command)))
    .option('--username <name>', 'new username')
    .option('--disable', 'the keys stop working within a second')
    .option('--enable', 'the keys work again')
    .action(async (user: string, given: UpdateUserArguments) =>
      exit(await (await import('./users.js')).updateUser(user, given)),
    )
}

function registerDelete(users: Command, exit: Exit): void {
  const command = users
    .command('delete')
    .description('Deletes a user: the keys end, the ledger stays readable.')
    .argument('<user>', 'username or id')
  addJsonOption(addConnectionOptions(command))
    .option('--yes', 'do not ask')
    .action(async (user: string, given: OneArguments & { yes?: true }) =>
      exit(await (await import('./users.js')).deleteUser(user, given)),
    )
}

function registerImport(users: Command, exit: Exit): void {
  const command = users
    .command('import')
    .summary('load users from files')
    .description('Loads users from files: new ones are made, known ones (by id) brought up to date.')
    .argument('<path...>', 'files, or folders of files')
  addLoadOptions(command)
    .addHelpText('after', IMPORT_HELP)
    .action(async (paths: string[], given: Omit<LoadArguments, 'dataset'>) =>
      exit(await (await import('../ingest.js')).ingest(paths, { ...given, dataset: 'users' }, true)),
    )
}

function addUserFields(command: Command): Command {
  return command
    .option('--email <address>')
    .option('--first-name <name>')
    .option('--last-name <name>')
    .addOption(new Option('--role <role>').choices(ROLES))
    .option('--rate-limit <n>', 'queries a minute with all keys together', parsePositive)
    .option('--send-events', 'may send events')
    .option('--plan <name>', 'plan, by its name or id, whose periods begin now')
}
