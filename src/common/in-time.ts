/** How late a timer may fire before it is this process that was busy, and not the other side that was slow. */
const BUSY_MS = 50

export class NotInTimeError extends Error {
  constructor(timeoutMs: number) {
    super(`no response within ${timeoutMs} ms`)
  }
}

/**
 * The promise, or NotInTimeError when it takes longer. Time in which this process was too busy to read a response is not
 * counted against the other side: after a late timer the wait begins once more, and at its end whatever has arrived is
 * read before the wait is given up.
 */
export async function inTime<T>(promise: Promise<T>, timeoutMs: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_resolve, reject) => {
    const giveUp = (): unknown => setImmediate(() => reject(new NotInTimeError(timeoutMs)))
    const dueAt = performance.now() + timeoutMs
    timer = setTimeout(() => {
      if (performance.now() - dueAt > BUSY_MS) timer = setTimeout(giveUp, timeoutMs)
      else giveUp()
    }, timeoutMs)
  })
  try {
    return await Promise.race([promise, late])
  } finally {
    clearTimeout(timer)
  }
}
