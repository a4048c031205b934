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
  if (Buffer.byteLength(join(wanted, SOCKET_NAME)) > MAX_SOCKET_PATH_BYTES) {
    return mkdtemp(join(tmpdir(), 'countinghouse-'))
  }
  await rm(wanted, { recursive: true, force: true })
  await mkdir(wanted, { mode: 0o700 })
  return wanted
}
