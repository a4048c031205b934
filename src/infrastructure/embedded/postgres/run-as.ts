import { execFile } from 'node:child_process'
import { chmod, readFile, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { promisify } from 'node:util'
import { Logger } from '@nestjs/common'
import { commandEndingWithParent, HAS_SETPRIV, minimalEnvironment } from '../child-process.js'

/** A system user that PostgreSQL runs as when we are root, because it refuses to run as root. */
export interface SystemUser {
  uid: number
  gid: number
}

const run = promisify(execFile)
const USER = 'postgres'
/** No PGPORT, LC_ALL or TZ of ours shall change how the server behaves, and it needs none of our secrets. */
export const SERVER_ENVIRONMENT = { ...minimalEnvironment(), LC_ALL: 'C', TZ: 'UTC' }

/** The user to run PostgreSQL as; undefined when that is the current one. Creates it when root has none. */
export async function postgresUser(): Promise<SystemUser | undefined> {
  if (process.getuid?.() !== 0) return undefined
  const user = await findUser()
  if (user !== undefined) return user
  await createUser()
  const created = await findUser()
  if (created === undefined) throw new Error(`useradd made no user ${USER}`)
  return created
}

async function findUser(): Promise<SystemUser | undefined> {
  const lines = (await readFile('/etc/passwd', 'utf8')).split('\n').map((line) => line.split(':'))
  const fields = lines.find(([name]) => name === USER)
  return fields === undefined ? undefined : { uid: Number(fields[2]), gid: Number(fields[3]) }
}

async function createUser(): Promise<void> {
  new Logger('EmbeddedPostgres').warn(`PostgreSQL refuses to run as root: creating the system user "${USER}" for it`)
  const args = [
    '--system',
    '--user-group',
    '--no-create-home',
    '--home-dir',
    '/nonexistent',
    '--shell',
    '/usr/sbin/nologin',
  ]
  try {
    await run('useradd', [...args, USER], { env: SERVER_ENVIRONMENT })
  } catch (error) {
    throw new Error(
      `PostgreSQL refuses to run as root and the user "${USER}" cannot be created (${String(error)}). ` +
        `Start as another user, create "${USER}", or set POSTGRES_URL to a server.`,
      { cause: error },
    )
  }
}

/**
 * A command line that runs a program as the user and, on Linux, stops it when this process is gone: SIGINT is
 * PostgreSQL's fast shutdown. Without setpriv it stays behind then, and the next start ends it.
 */
export function commandAs(user: SystemUser | undefined, program: string, args: string[]): [string, string[]] {
  const identity =
    user === undefined ? [] : ['--reuid', String(user.uid), '--regid', String(user.gid), '--clear-groups']
  return commandEndingWithParent('INT', program, args, identity)
}

/** Options for spawn where setpriv, which changes the user by itself, does not exist. */
export function spawnIdentity(user: SystemUser | undefined): { uid?: number; gid?: number } {
  return !HAS_SETPRIV && user !== undefined ? user : {}
}

/**
 * Lets the user pass through every folder above the path. Root's own folders (/root, mktemp -d) are closed to others;
 * a folder that may be passed can still not be listed.
 */
export async function makeReachable(path: string, user: SystemUser | undefined): Promise<void> {
  if (user === undefined) return
  for (let folder = dirname(path); folder !== dirname(folder); folder = dirname(folder)) {
    const { mode, uid, gid } = await stat(folder)
    const needed = uid === user.uid ? 0o100 : gid === user.gid ? 0o010 : 0o001
    if ((mode & needed) !== 0) continue
    new Logger('EmbeddedPostgres').warn(`PostgreSQL's user must pass through ${folder}: chmod o+x`)
    await chmod(folder, (mode & 0o7777) | needed)
  }
}
