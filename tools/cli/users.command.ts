import type { Command } from 'commander'
import { inputFiles } from './input-files.js'
import { loadFiles } from './load-files.js'
import { addLoadOptions, settingsOf, type LoadArguments } from './load-options.js'

const HELP = `
The header is id,first_name,last_name,email_address,created_at,deleted_at,merged_at,parent_user_id; the times are Unix
milliseconds or seconds, -1 for none.

Example:
  $ COUNTINGHOUSE_API_KEY=ch_... npx countinghouse users import users.csv

Exit codes: 0 every file is loaded, 1 at least one is not, 2 wrong usage, 130 after Ctrl-C.`

export function registerUsers(program: Command, exit: (code: number) => void): void {
  const command = program
    .command('users')
    .description('import users from files')
    .command('import')
    .summary('load users from files')
    .description('Loads users from files: new ones are made, known ones (by id) brought up to date.')
    .argument('<path...>', 'files, or folders of files')
  addLoadOptions(command)
    .addHelpText('after', HELP)
    .action(async (paths: string[], given: Omit<LoadArguments, 'dataset'>) => {
      const files = await inputFiles(paths, { recursive: given.recursive === true })
      exit(await loadFiles(files, await settingsOf({ ...given, dataset: 'users' })))
    })
}
