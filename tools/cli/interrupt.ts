/**
 * Ctrl-C and SIGTERM: the first one aborts `signal`, so that the work can be wound up; the second one ends the process
 * at once.
 */
export class Interrupt {
  private readonly controller = new AbortController()
  readonly signal = this.controller.signal
  /** 128 + the signal's number, as shells have it */
  exitCode: number | undefined

  constructor(onFirst: () => void, onSecond: () => void) {
    const handle = (exitCode: number): void => {
      if (this.exitCode !== undefined) {
        onSecond()
        process.exit(exitCode)
      }
      this.exitCode = exitCode
      onFirst()
      this.controller.abort()
    }
    process.on('SIGINT', () => handle(130))
    process.on('SIGTERM', () => handle(143))
  }
}

/** What Ctrl-C has ended, and what is left of it. */
export class StoppedError extends Error {}
