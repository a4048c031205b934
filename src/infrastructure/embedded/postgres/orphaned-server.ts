import { existsSync } from 'node:fs'
import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Logger } from '@nestjs/common'
import { killServer, serverProcesses, signalIfThere } from './server-processes.js'

const EXIT_TIMEOUT_MS = 10_000
const SHUTDOWN_MS = 10_000
const POLL_MS = 50

/**
 * Makes way for a new server on the data: one that a killed parent left behind, and backends that outlived a killed
 * server, get time to end by themselves, then they are told to, then they are killed. The server's postmaster.pid stays:
 * PostgreSQL needs it to clear the shared memory away.
 */
export async function stopOrphanedServer(data: string): Promise<void> {
  const orphans = await serverProcesses(data)
  const pid = await recordedPid(data)
  if (pid !== undefined && !orphans.includes(pid) && signalIfThere(pid, 0)) {
    // After a reboot, or in a container started anew, the number is another program's, and PostgreSQL would not start.
    await rm(join(data, 'postmaster.pid'), { force: true })
  }
  if (orphans.length === 0) return
  new Logger('EmbeddedPostgres').warn(`Waiting for processes of an earlier server to end (pid ${orphans.join(', ')})`)
  // What is stopped cannot end.
  for (const each of orphans) signalIfThere(each, 'SIGCONT')
  if (await endsWithin(EXIT_TIMEOUT_MS, data)) return
  for (const signal of ['SIGINT', 'SIGQUIT'] as const) {
    if (pid === undefined || !orphans.includes(pid)) break
    signalIfThere(pid, signal)
    if (await endsWithin(SHUTDOWN_MS, data)) return
  }
  await killServer(data)
}

async function recordedPid(data: string): Promise<number | undefined> {
  const file = join(data, 'postmaster.pid')
  if (!existsSync(file)) return undefined
  const pid = Number.parseInt(await readFile(file, 'utf8'), 10)
  return Number.isSafeInteger(pid) && pid > 1 ? pid : undefined
}

async function endsWithin(timeoutMs: number, data: string): Promise<boolean> {
  for (const deadline = Date.now() + timeoutMs; Date.now() < deadline; await sleep(POLL_MS)) {
    if ((await serverProcesses(data)).length === 0) return true
  }
  return false
}
