import { spawnSync, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

/**
 * Whether the program is installed. When it is not, a line says what is not tested; with REQUIRE_SERVICES=1 it throws
 * instead.
 */
export function isInstalled(program: string, what: string): boolean {
  if (spawnSync('which', [program]).status === 0) return true
  if (process.env.REQUIRE_SERVICES === '1') throw new Error(`REQUIRE_SERVICES=1 and ${program} is not installed`)
  console.log(`${what} is not tested: ${program} is not installed`)
  return false
}

/** Resolves when the port takes connections; throws with `why` when the server ends or takes too long. */
export async function untilAccepting(
  port: number,
  server: ChildProcess,
  { timeoutMs, why }: { timeoutMs: number; why: () => string },
): Promise<void> {
  for (const deadline = Date.now() + timeoutMs; !(await accepts(port)); await sleep(20)) {
    if (hasEnded(server) || Date.now() > deadline) throw new Error(`${why()} (exit code ${server.exitCode})`)
  }
}

/** Asks the process to end and waits for it; after `timeoutMs` it is killed. */
export async function ended(server: ChildProcess, timeoutMs = 20_000): Promise<void> {
  if (hasEnded(server)) return
  const exited = once(server, 'exit')
  const killer = setTimeout(() => server.kill('SIGKILL'), timeoutMs)
  server.kill('SIGTERM')
  await exited
  clearTimeout(killer)
}

export function hasEnded(server: ChildProcess): boolean {
  return server.exitCode !== null || server.signalCode !== null
}

function accepts(port: number): Promise<boolean> {
  return new Promise((done) => {
    const socket = connect(port, '127.0.0.1', () => done(socket.destroy() && true))
    socket.on('error', () => done(false))
  })
}
