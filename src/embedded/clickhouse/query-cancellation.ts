import { setTimeout as sleep } from 'node:timers/promises'
import { Engine } from './engine.js'

const RETRY_MS = 50
let lastMark = 0

/** A comment to start a statement with, by which it is found in system.processes. */
export function nextMark(): string {
  return `/*front:${++lastMark}*/`
}

/** Stops the statement with this mark when the signal fires; tries again until it has ended. */
export async function killOnAbort<T>(
  engine: Engine,
  mark: string,
  signal: AbortSignal,
  running: Promise<T>,
): Promise<T> {
  let ended = false
  const onAbort = () => void killUntil(engine, mark, () => ended)
  signal.addEventListener('abort', onAbort, { once: true })
  if (signal.aborted) onAbort()
  try {
    return await running
  } finally {
    ended = true
    signal.removeEventListener('abort', onAbort)
  }
}

async function killUntil(engine: Engine, mark: string, hasEnded: () => boolean): Promise<void> {
  const session = engine.openSession()
  try {
    while (!hasEnded()) {
      await session.read(`KILL QUERY WHERE startsWith(query, '${mark}') ASYNC`)
      await sleep(RETRY_MS)
    }
  } catch {
    // The statement ends by itself then; its caller reports what becomes of it.
  } finally {
    session.close()
  }
}
