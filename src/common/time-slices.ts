import { setImmediate } from 'node:timers/promises'

let last: Promise<unknown> = Promise.resolve()

/**
 * Resolves when the next slice of a long computation may begin. Of all computations that wait, one slice runs in each turn of
 * the event loop, in the order in which they ask, so that everything else is served between two slices.
 */
export function nextTimeSlice(): Promise<void> {
  const turn = last.then(() => setImmediate())
  last = turn
  return turn
}
