import { Flights, type Flight } from './flights.js'

interface Airborne {
  result: Promise<unknown>
  waiting: number
  abort: AbortController
}

/** Among the callers of this process. */
export class MemoryFlights extends Flights {
  private readonly airborne = new Map<string, Airborne>()

  override join<T>(key: string, signal: AbortSignal, flight: Flight<T>): Promise<T> {
    const joined = this.airborne.get(key) ?? this.start(key, flight)
    return this.waitFor<T>(key, joined, signal)
  }

  override async close(): Promise<void> {
    for (const { abort } of this.airborne.values()) abort.abort()
  }

  private start<T>(key: string, flight: Flight<T>): Airborne {
    const abort = new AbortController()
    const result = this.fly(flight, abort.signal)
    const started: Airborne = { result, waiting: 0, abort }
    this.airborne.set(key, started)
    const landed = (): void => this.forget(key, started)
    result.then(landed, landed)
    return started
  }

  private async fly<T>({ find, work }: Flight<T>, signal: AbortSignal): Promise<T> {
    // An equal flight may have landed since the caller looked.
    return (await find()) ?? work(signal)
  }

  private async waitFor<T>(key: string, joined: Airborne, signal: AbortSignal): Promise<T> {
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

  /** Does nothing to a flight that has landed. Whoever comes now begins another one. */
  private abandon(key: string, flight: Airborne): void {
    this.forget(key, flight)
    flight.abort.abort()
  }

  private forget(key: string, flight: Airborne): void {
    if (this.airborne.get(key) === flight) this.airborne.delete(key)
  }
}
