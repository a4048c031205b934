/** What several callers wait for, while it is made once. */
export interface Flight<T> {
  /** what was made of it meanwhile, here or elsewhere: it is looked for before the work begins, and after others' work */
  find: () => Promise<T | undefined>
  /** makes it, so that `find` gives it from then on; the signal aborts when nobody waits any more */
  work: (signal: AbortSignal) => Promise<T>
}

/**
 * Single flight: of equal work that several callers want at the same time, one is done and all have its result, or its
 * failure. A caller who leaves (`signal`) rejects with the signal's reason and leaves the work to the others.
 */
export abstract class SingleFlight {
  abstract join<T>(key: string, signal: AbortSignal, flight: Flight<T>): Promise<T>
  /** Lets go of connections. */
  abstract close(): Promise<void>
}
