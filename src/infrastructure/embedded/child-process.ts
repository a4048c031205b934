import { existsSync } from 'node:fs'

const SETPRIV = ['/usr/bin/setpriv', '/bin/setpriv'].find((path) => existsSync(path))
const NEEDED_VARIABLES = ['PATH', 'TZ', 'LD_LIBRARY_PATH', 'DYLD_LIBRARY_PATH']

/** Whether the system has setpriv(1), which Linux distributions have. */
export const HAS_SETPRIV = SETPRIV !== undefined

/** What a child process gets of our environment. Keys, passwords and URLs of servers stay here. */
export function minimalEnvironment(): NodeJS.ProcessEnv {
  const entries = NEEDED_VARIABLES.map((name) => [name, process.env[name]] as const)
  return Object.fromEntries(entries.filter(([, value]) => value !== undefined))
}

/** A command line whose program gets the signal from the kernel when this process is gone, where the system has setpriv. */
export function commandEndingWithParent(
  signal: 'INT' | 'KILL',
  program: string,
  args: string[],
  identity: string[] = [],
): [string, string[]] {
  if (SETPRIV === undefined) return [program, args]
  return [SETPRIV, ['--pdeathsig', signal, ...identity, program, ...args]]
}
