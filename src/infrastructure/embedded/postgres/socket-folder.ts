import { createHash } from 'node:crypto'
import { chown, mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { SystemUser } from './run-as.js'

// sockaddr_un holds 108 bytes with the final zero; macOS holds 104.
const MAX_SOCKET_PATH_BYTES = process.platform === 'linux' ? 107 : 103
const SOCKET_NAME = '.s.PGSQL.5432'

export interface SocketFolder {
  path: string
  remove(): Promise<void>
}

/** A folder that only we and the server can enter: whoever reaches the socket in it needs no password. */
export async function openSocketFolder(folder: string, user: SystemUser | undefined): Promise<SocketFolder> {
  const path = await makeFolder(join(folder, 'socket'))
  if (user !== undefined) await chown(path, user.uid, user.gid)
  return { path, remove: () => rm(path, { recursive: true, force: true }) }
}

async function makeFolder(wanted: string): Promise<string> {
  const isTooLong = Buffer.byteLength(join(wanted, SOCKET_NAME)) > MAX_SOCKET_PATH_BYTES
  const path = isTooLong ? shortPathFor(wanted) : wanted
  try {
    await rm(path, { recursive: true, force: true })
    await mkdir(path, { mode: 0o700 })
    return path
  } catch (error) {
    if (!isTooLong) throw error
    // Somebody else has made a folder of that name.
    return mkdtemp(join(tmpdir(), 'countinghouse-'))
  }
}

// The same at every start, so that what a killed process left there is found and replaced.
function shortPathFor(wanted: string): string {
  return join(tmpdir(), `countinghouse-${createHash('sha256').update(wanted).digest('hex').slice(0, 16)}`)
}
