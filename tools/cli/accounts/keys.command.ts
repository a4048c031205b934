import { InvalidArgumentError, type Command } from 'commander'
import type { Schemas } from '../../../clients/typescript/index.js'
import { addConnectionOptions, type ConnectionArguments } from '../connection/connection-options.js'
import { addJsonOption, addOutputOption, type OutputArguments } from '../output/output-option.js'
import { parsePositive, parseWhole } from '../parse-whole.js'
import { parseMoment } from '../parse-moment.js'

export interface KeyArguments extends ConnectionArguments {
  user?: string
}

export type OneKeyArguments = KeyArguments & OutputArguments<'table' | 'json'>

export interface CreateKeyArguments extends OneKeyArguments {
  name?: string
  expires?: string
  rateLimit?: number
  cidr?: string[]
  creditLimit?: Schemas['CreditLimitBody']
  sendEvents?: true
}

type Exit = (code: number) => void

const PERIODS = ['day', 'week', 'month', 'total'] as const
const HELP = `
Without --user they are the keys of the account whose key is used; with it, those of any user (admins).

Examples:
  $ npx countinghouse keys list
  $ npx countinghouse keys create --user acme --name nightly --credit-limit 50/month
  $ npx countinghouse keys rotate 019aa4c2-7a3e-7cc1-b0a5-3f6f3f0f5a14 --overlap 3600
  $ npx countinghouse keys revoke 019aa4c2-7a3e-7cc1-b0a5-3f6f3f0f5a14

Exit codes: 0 done, 1 refused or failed, 2 wrong usage, 130 after Ctrl-C.`

/** `keys list|create|rotate|revoke`: API keys, one's own or those of a user. */
export function registerKeys(program: Command, exit: Exit): void {
  const keys = program
    .command('keys')
    .summary('list, create, rotate and revoke API keys')
    .description('API keys: your own, or with --user those of any user. A new key is printed once and kept by nobody.')
    .addHelpText('after', HELP)
  registerList(keys, exit)
  registerCreate(keys, exit)
  registerRotate(keys, exit)
  registerRevoke(keys, exit)
}

function registerList(keys: Command, exit: Exit): void {
  const command = keys.command('list').description('Lists keys, newest first, without their secrets.')
  addOutputOption(addKeyOptions(command)).action(async (given: KeyArguments & OutputArguments) =>
    exit(await (await import('./keys.js')).listKeys(given)),
  )
}

function registerCreate(keys: Command, exit: Exit): void {
  const command = keys
    .command('create')
    .description('Issues a key, which is printed on standard output, and nowhere else again.')
  addJsonOption(addKeyOptions(command))
    .option('--name <text>', 'what it is for')
    .option('--expires <time>', 'when it stops working: such as 90d, or a time', (text) => parseMoment(text, 'ahead'))
    .option('--rate-limit <n>', 'queries a minute', parsePositive)
    .option('--cidr <network>', 'network that it may be used from; may be given several times', collect)
    .option(
      '--credit-limit <n/period>',
      `what it may spend, such as 50/month (${PERIODS.join(', ')})`,
      parseCreditLimit,
    )
    .option('--send-events', 'may send events although its user may not')
    .action(async (given: CreateKeyArguments) => exit(await (await import('./keys.js')).createKey(given)))
}

function registerRotate(keys: Command, exit: Exit): void {
  const command = keys
    .command('rotate')
    .description('Replaces a key by one with the same name, limits, rights and expiry, which is printed once.')
    .argument('<id>', 'id of the key')
  addJsonOption(addKeyOptions(command))
    .option('--overlap <seconds>', 'how long the old key goes on working', parseWhole, 0)
    .action(async (id: string, given: OneKeyArguments & { overlap: number }) =>
      exit(await (await import('./keys.js')).rotateKey(id, given)),
    )
}

function registerRevoke(keys: Command, exit: Exit): void {
  const command = keys
    .command('revoke')
    .description('Revokes a key; it stops working within a second.')
    .argument('<id>', 'id of the key')
  addJsonOption(addKeyOptions(command)).action(async (id: string, given: OneKeyArguments) =>
    exit(await (await import('./keys.js')).revokeKey(id, given)),
  )
}

function addKeyOptions(command: Command): Command {
  return addConnectionOptions(command).option('--user <user>', 'username or id of another user')
}

function collect(text: string, earlier: string[] = []): string[] {
  return [...earlier, text]
}

function parseCreditLimit(text: string): Schemas['CreditLimitBody'] {
  const [, credits, period] = /^(\d{1,13})\/(\w+)$/.exec(text) ?? []
  const every = PERIODS.find((each) => each === period)
  if (credits && every) return { credits: Number(credits), every }
  throw new InvalidArgumentError(`It must be such as 50/month; periods are ${PERIODS.join(', ')}.`)
}
