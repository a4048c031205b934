import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { readFile, readlink, realpath, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { Logger } from '@nestjs/common'

const run = promisify(execFile)
const GOES_BY_ITSELF_MS = 10_000
const FAST_SHUTDOWN_MS = 10_000
const POLL_MS = 50

/**
 * Makes way for a new server on the data: one that a killed parent left behind gets time to end by itself, then it is
 * told to. Its postmaster.pid stays: PostgreSQL needs it to see whether processes of that server still run.
 */
export async function clearLeftoverServer(data: string): Promise<void> {
  const pid = await serverPid(data)
  if (pid === undefined || !isAlive(pid)) return
  if (!(await isServerOf(pid, data))) {
    // After a reboot, or in a container started anew, the number is another program's, and PostgreSQL would not start.
    await rm(join(data, 'postmaster.pid'), { force: true })
    return
  }
  new Logger('EmbeddedPostgres').warn(`Waiting for the server that an earlier process left behind (pid ${pid})`)
  const hasEnded = () => !isAlive(pid)
  if (!(await within(GOES_BY_ITSELF_MS, hasEnded))) await terminate(pid, hasEnded)
}

async function terminate(pid: number, hasEnded: () => boolean): Promise<void> {
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

async function isServerOf(pid: number, data: string): Promise<boolean> {
  try {
    if (process.platform === 'linux') return (await readlink(`/proc/${pid}/cwd`)) === (await realpath(data))
    return (await run('ps', ['-o', 'command=', '-p', String(pid)])).stdout.includes(data)
  } catch {
    return false
  }
}

function isAlive(pid: number): boolean {
  return signalIfThere(pid, 0)
}

function signalIfThere(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    process.kill(pid, signal)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

async function within(timeoutMs: number, isTrue: () => boolean): Promise<boolean> {
  for (const deadline = Date.now() + timeoutMs; Date.now() < deadline; await sleep(POLL_MS)) {
    if (isTrue()) return true
  }
  return false
}
