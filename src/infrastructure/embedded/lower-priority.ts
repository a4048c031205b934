import { readdir, writeFile } from 'node:fs/promises'
import { getPriority, setPriority } from 'node:os'

/** Behind whoever started this process; a third of what it gets where both want the processor. */
const STEPS = 5
const LOWEST_PRIORITY = 19

/**
 * Lets the short work of other processes run before the long work of this one. Call it before the long work has threads,
 * which inherit it, in a process with a session of its own.
 */
export async function lowerPriority(): Promise<void> {
  const nice = Math.min(getPriority() + STEPS, LOWEST_PRIORITY)
  // A niceness is each thread's own on Linux, and the process's elsewhere.
  const threads = await readdir('/proc/self/task').catch(() => ['0'])
  for (const thread of threads) setPriority(Number(thread), nice)
  // Linux may share processors out by session (autogroup): a niceness then counts within its session alone, and the
  // session has another one.
  await writeFile('/proc/self/autogroup', String(nice)).catch(() => undefined)
}
