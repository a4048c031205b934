import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { realpath, rm, stat } from 'node:fs/promises'
import { connect, createServer, Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'

/** Another process has its engines on this data folder. */
export class DataDirInUseError extends Error {
  constructor(dataDir: string, pid: number | undefined) {
    const holder = pid === undefined ? 'another process' : `the process with pid ${pid}`
    super(
      `The data folder ${dataDir} is in use by ${holder}. Stop that process, set DATA_DIR to another folder, ` +
        'or let both share engines: run "npm run engines" and set POSTGRES_URL and CLICKHOUSE_URL.',
    )
    this.name = 'DataDirInUseError'
  }
}

export interface DataDirLock {
  release(): Promise<void>
}

const RESPONSE_TIMEOUT_MS = 500

/** Makes this process the only one on the folder until it releases the lock or ends, however it ends. */
export async function lockDataDir(dataDir: string): Promise<DataDirLock> {
  const address = await lockAddress(dataDir)
  const holder = createServer((socket) => socket.on('error', () => undefined).end(String(process.pid)))
  try {
    await listen(holder, address)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error
    await takeOver(holder, address, dataDir)
  }
  holder.unref()
  return { release: () => new Promise((resolve) => holder.close(() => resolve())) }
}

/** The pid of the process that has its engines on this folder; undefined when there is none. */
export async function lockHolder(dataDir: string): Promise<number | undefined> {
  return (await ask(await lockAddress(dataDir))).pid
}

// Abstract sockets of Linux vanish with their process. A socket file stays behind, but then nobody answers on it.
async function takeOver(holder: Server, address: string, dataDir: string): Promise<void> {
  const owner = await ask(address)
  if (owner.alive || address.startsWith('\0')) throw new DataDirInUseError(dataDir, owner.pid)
  await rm(address, { force: true })
  await listen(holder, address)
}

async function listen(server: Server, address: string): Promise<void> {
  server.listen(address)
  await once(server, 'listening')
}

async function ask(address: string): Promise<{ alive: boolean; pid?: number }> {
  const socket = connect(address)
  socket.setTimeout(RESPONSE_TIMEOUT_MS, () => socket.end().destroy())
  try {
    await once(socket, 'connect')
  } catch {
    return { alive: false }
  }
  const pid = Number.parseInt(await text(socket).catch(() => ''), 10)
  return { alive: true, pid: Number.isNaN(pid) ? undefined : pid }
}

async function lockAddress(dataDir: string): Promise<string> {
  const { dev, ino } = await stat(dataDir)
  const identity = createHash('sha256')
    .update(`${await realpath(dataDir)}\0${dev}:${ino}`)
    .digest('hex')
    .slice(0, 32)
  if (process.platform === 'linux') return `\0countinghouse-${identity}`
  return join(tmpdir(), `countinghouse-${identity}.lock`)
}
