import { SingleFlight, type Flight } from './single-flight.js'

interface InFlight {
  result: Promise<unknown>
  waiting: number
  abort: AbortController
}

/** Among the callers of this process. */
export class MemorySingleFlight extends SingleFlight {
  private readonly inFlight = new Map<string, InFlight>()

  override join<T>(key: string, signal: AbortSignal, flight: Flight<T>): Promise<T> {
    const joined = this.inFlight.get(key) ?? this.start(key, flight)
    return this.waitFor<T>(key, joined, signal)
  }

  override async close(): Promise<void> {
    for (const { abort } of this.inFlight.values()) abort.abort()
  }

  private start<T>(key: string, flight: Flight<T>): InFlight {
    const abort = new AbortController()
    const result = this.fly(flight, abort.signal)
    const started: InFlight = { result, waiting: 0, abort }
    this.inFlight.set(key, started)
    const completed = (): void => this.forget(key, started)
    result.then(completed, completed)
    return started
  }

  private async fly<T>({ find, work }: Flight<T>, signal: AbortSignal): Promise<T> {
    // An equal flight may have completed since the caller looked.
    return (await find()) ?? work(signal)
  }

  private async waitFor<T>(key: string, joined: InFlight, signal: AbortSignal): Promise<T> {
    joined.waiting++
    let stopListening: (() => void) | undefined
    const left = new Promise<never>((_resolve, reject) => {
      const leave = (): void => reject(signal.reason as Error)
      if (signal.aborted) return leave()
      signal.addEventListener('abort', leave, { once: true })
      stopListening = () => signal.removeEventListener('abort', leave)
    })
    try {
      return (await Promise.race([joined.result, left])) as T
    } finally {
      stopListening?.()
      if (--joined.waiting === 0) this.abandon(key, joined)
    }
  }

  /** Does nothing to a flight that has completed. Whoever comes now begins another one. */
  private abandon(key: string, flight: InFlight): void {
    this.forget(key, flight)
    flight.abort.abort()
  }

  private forget(key: string, flight: InFlight): void {
    if (this.inFlight.get(key) === flight) this.inFlight.delete(key)
  }
}
