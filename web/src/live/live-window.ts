import type { StoredEvent } from './frames'

export interface Slice {
  startMs: number
  events: number
  /** of `values.amount` */
  amount: number
  /** different `values.user` */
  users: number
}

interface OpenSlice extends Slice {
  seen?: Set<string>
}

type Happening = Pick<StoredEvent, 'timestamp' | 'values'>

export const SLICE_MS = 5_000
const SLICES = 60
/** Only so many of the newest slices still tell users apart; the older ones keep their number. */
const OPEN_SLICES = 3
const MAX_USERS = 20_000

/** The last five minutes of events in slices of five seconds, by the time at which they happened. Bounded. */
export class LiveWindow {
  private readonly slices = new Map<number, OpenSlice>()
  private newestMs = -Infinity

  /** What happened too long ago, or is yet to happen, is left out. */
  add(events: readonly Happening[], nowMs: number): void {
    const earliestMs = startOf(nowMs) - (SLICES - 1) * SLICE_MS
    for (const { timestamp, values } of events) {
      const happenedMs = Date.parse(timestamp)
      if (happenedMs < earliestMs || happenedMs > nowMs + SLICE_MS) continue
      const slice = this.sliceAt(startOf(happenedMs))
      slice.events++
      if (typeof values.amount === 'number') slice.amount += values.amount
      if (values.user !== undefined) countUser(slice, String(values.user))
      this.newestMs = Math.max(this.newestMs, happenedMs)
    }
    this.forgetOld()
  }

  /** Of what a snapshot knows, that which happened after all that is here: the rest has been counted. */
  addUnseen(events: readonly Happening[], nowMs: number): void {
    const { newestMs } = this
    const unseen = events.filter(({ timestamp }) => Date.parse(timestamp) > newestMs)
    this.add(unseen, nowMs)
  }

  /** Up to this moment, oldest first, empty ones too. */
  read(nowMs: number): Slice[] {
    const last = startOf(nowMs)
    return Array.from({ length: SLICES }, (_, place) => {
      const startMs = last - (SLICES - 1 - place) * SLICE_MS
      const { events = 0, amount = 0, users = 0 } = this.slices.get(startMs) ?? {}
      return { startMs, events, amount, users }
    })
  }

  private sliceAt(startMs: number): OpenSlice {
    let slice = this.slices.get(startMs)
    if (!slice) this.slices.set(startMs, (slice = { startMs, events: 0, amount: 0, users: 0, seen: new Set() }))
    return slice
  }

  private forgetOld(): void {
    const newestFirst = [...this.slices.keys()].sort((a, b) => b - a)
    for (const startMs of newestFirst.slice(OPEN_SLICES)) delete this.slices.get(startMs)!.seen
    for (const startMs of newestFirst.slice(SLICES)) this.slices.delete(startMs)
  }
}

function startOf(timeMs: number): number {
  return Math.floor(timeMs / SLICE_MS) * SLICE_MS
}

function countUser(slice: OpenSlice, user: string): void {
  if (!slice.seen || slice.seen.size >= MAX_USERS) return
  slice.seen.add(user)
  slice.users = slice.seen.size
}
