import type { Command } from 'commander'
import { addOutputOption, type OutputArguments } from '../output/output-option.js'
import { addUrlOption } from './connection-options.js'

export interface LoginArguments {
  url?: URL
  keyFile?: string
  profile: string
}

type Exit = (code: number) => void

const LOGIN_HELP = `
The key is asked for, read from --key-file, or from a pipe, tried on the server, and kept in a file that only you can
read: ~/.config/countinghouse/config.json (XDG_CONFIG_HOME and COUNTINGHOUSE_CONFIG move it). Flags, then
COUNTINGHOUSE_URL and COUNTINGHOUSE_API_KEY win over it. A profile's key goes to the profile's address only.

Examples:
  $ npx countinghouse login
  $ npx countinghouse login --profile prod --url https://data.example.com --key-file key.txt

Exit codes: 0 kept, 1 the key is refused, 2 wrong usage, 130 after Ctrl-C.`

export function registerLogin(program: Command, exit: Exit): void {
  const command = program
    .command('login')
    .summary('keep address and key of a server in a profile')
    .description('Keeps the address and the key of a server in a profile, which the commands use from then on.')
  addUrlOption(command)
    .option('--key-file <file>', 'file that holds the API key, "-" for standard input')
    .option('--profile <name>', 'name of the profile', 'default')
    .addHelpText('after', LOGIN_HELP)
    .action(async (given: LoginArguments) => exit(await (await import('./login.js')).login(given)))
}

/** `profiles list|use|delete`: what `login` keeps. */
export function registerProfiles(program: Command, exit: Exit): void {
  const profiles = program
    .command('profiles')
    .summary('list, switch and delete profiles')
    .description('The servers and keys that "login" keeps.')
  addOutputOption(profiles.command('list').description('Lists the profiles; keys are not shown.')).action(
    async (given: OutputArguments) => exit(await (await import('./profiles.js')).listProfiles(given)),
  )
  profiles
    .command('use')
    .description('Makes a profile the one that commands use.')
    .argument('<name>', 'name of the profile')
    .action(async (name: string) => exit(await (await import('./profiles.js')).changeProfile(name)))
  profiles
    .command('delete')
    .description('Deletes a profile and the key in it; the key itself stays good.')
    .argument('<name>', 'name of the profile')
    .action(async (name: string) => exit(await (await import('./profiles.js')).deleteProfile(name)))
}
