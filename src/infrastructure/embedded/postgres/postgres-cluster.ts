import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { chown, mkdir, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { commandAs, makeReachable, SERVER_ENVIRONMENT, spawnIdentity, SystemUser } from './run-as.js'
import { PostgresBinaries } from './postgres-binaries.js'

const run = promisify(execFile)

/** The first user of the cluster and its only role at the start. */
export const POSTGRES_ROLE = 'app'

/**
 * Makes the folder's cluster if there is none; gives the path of its data. It is made under another name and then
 * renamed, so that a kill in the middle leaves no half of a cluster.
 */
export async function prepareCluster(
  folder: string,
  binaries: PostgresBinaries,
  user: SystemUser | undefined,
): Promise<string> {
  await mkdir(dirname(folder), { recursive: true, mode: user === undefined ? 0o700 : 0o711 })
  await mkdir(folder, { recursive: true, mode: 0o700 })
  if (user !== undefined) await chown(folder, user.uid, user.gid)
  await makeReachable(folder, user)
  await makeReachable(binaries.postgres, user)
  const data = join(folder, 'data')
  if (existsSync(join(data, 'PG_VERSION'))) return data
  const unfinished = join(folder, 'data.new')
  await rm(unfinished, { recursive: true, force: true })
  await rm(data, { recursive: true, force: true })
  await initialize(unfinished, binaries, user)
  await rename(unfinished, data)
  return data
}

async function initialize(data: string, binaries: PostgresBinaries, user: SystemUser | undefined): Promise<void> {
  const [program, args] = commandAs(user, binaries.initdb, [
    ...['--pgdata', data, '--username', POSTGRES_ROLE, '--no-instructions'],
    // Nobody but us reaches the socket: its folder is private. There is no TCP.
    ...['--auth-local', 'trust', '--auth-host', 'reject'],
    // A commit that reaches a new segment of the log writes all of it first, and everybody waits: 1 MB instead of 16.
    ...['--wal-segsize', '1'],
    // The built-in provider sorts and folds the same on every system.
    ...['--encoding', 'UTF8', '--locale', 'C', '--locale-provider', 'builtin', '--builtin-locale', 'C.UTF-8'],
  ])
  await run(program, args, { ...spawnIdentity(user), env: SERVER_ENVIRONMENT, cwd: '/' })
}
