import { execFile } from 'node:child_process'
import { readdir, readFile, readlink, realpath } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { SERVER_ENVIRONMENT } from './run-as.js'

const run = promisify(execFile)
const KILL_TIMEOUT_MS = 10_000
const POLL_MS = 20

/**
 * The server on the data and its backends, also those that outlived it. On Linux each process of a server is told by its
 * current folder; elsewhere by its command line, which backends have not, so there they are left to end by themselves.
 */
export async function serverProcesses(data: string): Promise<number[]> {
  if (process.platform !== 'linux') return processesNaming(data)
  const folder = await realpath(data)
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number)
  const isOurs = await Promise.all(pids.map((pid) => isPostgresIn(pid, folder)))
  return pids.filter((_pid, at) => isOurs[at])
}

/** Ends the server and its backends at once, also when they are stopped. Resolves when none is left. */
export async function killServer(data: string): Promise<void> {
  for (const deadline = Date.now() + KILL_TIMEOUT_MS; ; await sleep(POLL_MS)) {
    const pids = await serverProcesses(data)
    if (pids.length === 0) return
    if (Date.now() > deadline) throw new Error(`PostgreSQL's processes ${pids.join(', ')} do not end when killed`)
    for (const pid of pids) signalIfThere(pid, 'SIGKILL')
  }
}

/** False when there is no such process. */
export function signalIfThere(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    process.kill(pid, signal)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

async function isPostgresIn(pid: number, folder: string): Promise<boolean> {
  try {
    // A process that has ended and waits for its parent has no folder any more.
    return (
      (await readlink(`/proc/${pid}/cwd`)) === folder && (await readFile(`/proc/${pid}/comm`, 'utf8')) === 'postgres\n'
    )
  } catch {
    return false
  }
}

async function processesNaming(data: string): Promise<number[]> {
  const { stdout } = await run('ps', ['-A', '-o', 'pid=,command='], { env: SERVER_ENVIRONMENT })
  const lines = stdout.split('\n').filter((line) => line.includes(`-D ${data}`))
  return lines.map((line) => Number.parseInt(line, 10)).filter((pid) => pid !== process.pid)
}
