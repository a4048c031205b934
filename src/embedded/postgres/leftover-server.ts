import { existsSync } from 'node:fs'
import { readFile, readlink, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Logger } from '@nestjs/common'

const GOES_BY_ITSELF_MS = 10_000
const FAST_SHUTDOWN_MS = 10_000
const POLL_MS = 50

/**
 * Makes way for a new server on the data: one that a killed parent left behind gets time to end by itself, then it is
 * told to. A postmaster.pid that names no server of this data is removed.
 */
export async function clearLeftoverServer(data: string): Promise<void> {
  const pid = await serverPid(data)
  if (pid === undefined) return
  if (await isServerOf(pid, data)) {
    new Logger('EmbeddedPostgres').warn(`Waiting for the server that an earlier process left behind (pid ${pid})`)
    const hasEnded = () => isServerOf(pid, data).then((runs) => !runs)
    if (!(await within(GOES_BY_ITSELF_MS, hasEnded))) await terminate(pid, hasEnded)
  }
  await rm(join(data, 'postmaster.pid'), { force: true })
}

async function terminate(pid: number, hasEnded: () => Promise<boolean>): Promise<void> {
  for (const signal of ['SIGINT', 'SIGQUIT'] as const) {
    signalIfThere(pid, signal)
    if (await within(FAST_SHUTDOWN_MS, hasEnded)) return
  }
  throw new Error(`The PostgreSQL server with pid ${pid} does not end. Stop it and start again.`)
}

async function serverPid(data: string): Promise<number | undefined> {
  const file = join(data, 'postmaster.pid')
  if (!existsSync(file)) return undefined
  const pid = Number.parseInt(await readFile(file, 'utf8'), 10)
  return Number.isSafeInteger(pid) && pid > 1 ? pid : undefined
}

// After a reboot the pid may belong to any program.
async function isServerOf(pid: number, data: string): Promise<boolean> {
  if (!signalIfThere(pid, 0)) return false
  if (process.platform !== 'linux') return true
  try {
    return (await readlink(`/proc/${pid}/cwd`)) === data
  } catch {
    return false
  }
}

function signalIfThere(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    process.kill(pid, signal)
    return true
  } catch {
    return false
  }
}

async function within(timeoutMs: number, isTrue: () => Promise<boolean>): Promise<boolean> {
  for (const deadline = Date.now() + timeoutMs; Date.now() < deadline; await sleep(POLL_MS)) {
    if (await isTrue()) return true
  }
  return false
}
