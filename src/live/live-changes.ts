import type { ChangeType, DashboardPart, FrameData } from './live-frame.js'
import { changedMetrics } from './metrics/metrics-changes.js'
import type { Metrics } from './metrics/metrics-state.js'
import type { StoredEvent } from '../events/stored-event.js'

/** Totals move with every event; nobody reads them more often than twice a second. */
const METRICS_EVERY_MS = 450
/** An `event` frame carries so many events; less while many watch, since each of them gets it. */
const MAX_EVENTS = 1_000
const MIN_EVENTS = 100
const EVENTS_OF_ALL_READERS = 20_000
const MAX_EVENT_FRAME_BYTES = 256 * 1024

/**
 * What has changed since the last frames, coalesced: however much happens, it is bounded. The kind that waits longest goes
 * first, so none starves; within a kind the order stays.
 */
export class LiveChanges {
  /** in the order in which they began to wait */
  private readonly waiting = new Set<ChangeType>()
  private events: StoredEvent[] = []
  private omitted = 0
  private readonly ingestions = new Map<string, object>()
  private readonly dashboard = new Set<DashboardPart>()
  private lastMetrics?: Metrics
  private metricsNotBeforeMs = 0

  constructor(private readonly readMetrics: () => Metrics) {}

  get isEmpty(): boolean {
    return this.waiting.size === 0
  }

  addEvents(events: readonly StoredEvent[], omitted: number): void {
    for (const event of events) this.events.push(event)
    this.omitted += omitted
    this.waiting.add('event').add('metrics')
    if (this.events.length > 2 * MAX_EVENTS) this.dropOldEvents(MAX_EVENTS)
  }

  addMetrics(): void {
    this.waiting.add('metrics')
  }

  /** The later state of a job takes the place of the earlier one. */
  addIngestion(id: string, job: object): void {
    this.ingestions.delete(id)
    this.ingestions.set(id, job)
    this.waiting.add('ingestion')
  }

  addDashboard(part: DashboardPart): void {
    this.dashboard.add(part)
    this.waiting.add('dashboard')
  }

  /** Everybody gets a snapshot of the metrics instead. */
  forgetMetrics(): void {
    this.waiting.delete('event')
    this.waiting.delete('metrics')
    this.events = []
    this.omitted = 0
    this.lastMetrics = undefined
  }

  /** The kind that waits longest, or `first` if it waits; undefined when nothing is due. */
  next(nowMs: number, readers: number, first?: ChangeType): { type: ChangeType; data: FrameData } | undefined {
    const isDue = (type: ChangeType): boolean => type !== 'metrics' || nowMs >= this.metricsNotBeforeMs
    const type = first && this.waiting.has(first) ? first : [...this.waiting].find(isDue)
    if (!type) return undefined
    this.waiting.delete(type)
    return { type, data: this.take(type, nowMs, readers) }
  }

  private take(type: ChangeType, nowMs: number, readers: number): FrameData {
    switch (type) {
      case 'event':
        return this.takeEvents(readers)
      case 'metrics':
        this.metricsNotBeforeMs = nowMs + METRICS_EVERY_MS
        return this.takeMetrics()
      case 'ingestion':
        return { ingestions: takeAll(this.ingestions.values(), () => this.ingestions.clear()) }
      case 'dashboard':
        return { changed: takeAll(this.dashboard, () => this.dashboard.clear()) }
    }
  }

  /** The newest ones, oldest first, and how many were left out for them. */
  private takeEvents(readers: number): string {
    const fair = Math.floor(EVENTS_OF_ALL_READERS / Math.max(readers, 1))
    this.dropOldEvents(Math.min(Math.max(fair, MIN_EVENTS), MAX_EVENTS))
    const texts = this.events.map((event) => JSON.stringify(event))
    let bytes = 0
    const tooOld = texts.findLastIndex((text) => (bytes += Buffer.byteLength(text) + 1) > MAX_EVENT_FRAME_BYTES)
    const omitted = this.omitted + tooOld + 1
    this.events = []
    this.omitted = 0
    return `{"events":[${texts.slice(tooOld + 1).join(',')}],"omitted":${omitted}}`
  }

  private takeMetrics(): object {
    const metrics = this.readMetrics()
    const changed = changedMetrics(this.lastMetrics, metrics)
    this.lastMetrics = metrics
    return changed
  }

  private dropOldEvents(most: number): void {
    const surplus = this.events.length - most
    if (surplus <= 0) return
    this.events.splice(0, surplus)
    this.omitted += surplus
  }
}

function takeAll<T>(values: Iterable<T>, clear: () => void): T[] {
  const all = [...values]
  clear()
  return all
}
