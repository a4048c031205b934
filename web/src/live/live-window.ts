import type { StoredEvent } from './frames'

export interface Slice {
  startMs: number
  /** false: from before this page knew all that came */
  isWhole: boolean
  events: number
  /** of `values.amount` */
  amount: number
  /** different `values.user` */
  users: number
  /** events of a burst that were not sent here, in the slice in which that was told */
  omitted: number
}

interface OpenSlice extends Omit<Slice, 'isWhole'> {
  seen?: Set<string>
}

type WindowEvent = Pick<StoredEvent, 'timestamp' | 'values'>

export const SLICE_MS = 5_000
const SLICES = 60
/** Only so many of the newest slices still tell users apart; the older ones keep their number. */
const OPEN_SLICES = 3
/** of each type, in a snapshot */
const SNAPSHOT_POINTS = 100
const MAX_USERS = 20_000

/** The last five minutes of events in slices of five seconds, by the time at which they happened. Bounded. */
export class LiveWindow {
  private readonly slices = new Map<number, OpenSlice>()
  private newestMs = -Infinity
  private wholeFromMs = -Infinity

  /** What happened too long ago, or is yet to happen, is left out. */
  add(events: readonly WindowEvent[], nowMs: number): void {
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

  addOmitted(events: number, nowMs: number): void {
    if (events > 0) this.sliceAt(startOf(nowMs)).omitted += events
  }

  /** With what a snapshot knows: the last events of each type, so that together they reach back to some moment only. */
  addSnapshot(timeSeries: Record<string, readonly WindowEvent[]>, nowMs: number): void {
    const all = Object.values(timeSeries)
    const full = all.filter(({ length }) => length >= SNAPSHOT_POINTS)
    // A sender's clock may be ahead.
    const reachesToMs = Math.min(nowMs, Math.max(-Infinity, ...full.map(([oldest]) => Date.parse(oldest!.timestamp))))
    if (reachesToMs > this.newestMs) {
      // Behind what is here, or what was here before a gap.
      this.slices.clear()
      this.wholeFromMs = reachesToMs
    }
    const { newestMs } = this
    const unseen = all.flat().filter(({ timestamp }) => Date.parse(timestamp) > newestMs)
    this.add(unseen, nowMs)
  }

  /** Up to this moment, oldest first, empty ones too. */
  read(nowMs: number): Slice[] {
    const last = startOf(nowMs)
    return Array.from({ length: SLICES }, (_, place) => {
      const startMs = last - (SLICES - 1 - place) * SLICE_MS
      const { events = 0, amount = 0, users = 0, omitted = 0 } = this.slices.get(startMs) ?? {}
      return { startMs, isWhole: startMs >= this.wholeFromMs, events, amount, users, omitted }
    })
  }

  private sliceAt(startMs: number): OpenSlice {
    let slice = this.slices.get(startMs)
    if (!slice) {
      slice = { startMs, events: 0, amount: 0, users: 0, omitted: 0, seen: new Set() }
      this.slices.set(startMs, slice)
    }
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
