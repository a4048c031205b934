import type { RootCommand } from '@bomb.sh/tab'
import tab from '@bomb.sh/tab/commander'
import type { Command } from 'commander'

/** What the library prints last: that the shell must not offer files. */
const NO_FILES = ':4'
const FILES = ':0'

/** Adds the command `complete`, which prints what may come next; it is no command for people. */
export function addCompletion(program: Command): RootCommand {
  const root = tab(program)
  root.commands.delete('complete')
  offerFilesForNothing()
  return root
}

export function printScript(program: Command, shell: string): void {
  addCompletion(program).setup(program.name(), program.name(), shell)
}

/** Where nothing is known to come next it may be a file, as of `ingest` or `--key-file`. */
function offerFilesForNothing(): void {
  const { log } = console
  let lines = 0
  console.log = (line: string) => log(lines++ === 0 && line === NO_FILES ? FILES : line)
}
