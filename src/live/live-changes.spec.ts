import { describe, expect, it } from 'vitest'
import { LiveChanges } from './live-changes.js'
import type { Metrics } from './metrics/metrics-state.js'
import type { StoredEvent } from '../events/stored-event.js'

const metrics = (more: Partial<Metrics> = {}): Metrics => ({
  totalEvents: 0,
  eventsByType: {},
  eventsBySource: {},
  eventsPerSecond: 0,
  recentValues: {},
  timeSeries: {},
  regions: {},
  at: '2026-01-01T00:00:00.000Z',
  ...more,
})

const events = (from: number, count: number, text = ''): StoredEvent[] =>
  Array.from({ length: count }, (_, index) => ({
    id: `id-${from + index}`,
    timestamp: '2026-01-01T00:00:00.000Z',
    source: 's',
    type: 't',
    values: { n: from + index, text },
  }))

const parsed = (taken: { data: object | string } | undefined): any =>
  typeof taken!.data === 'string' ? JSON.parse(taken!.data) : taken!.data

describe('LiveChanges', () => {
  it('keeps the newest events in order and counts the others', () => {
    const changes = new LiveChanges(() => metrics())
    for (let from = 0; from < 10_000; from += 500) changes.addEvents(events(from, 500), 7)
    const data = parsed(changes.next(0, 1))
    expect(data.events.map(({ values }: any) => values.n)).toEqual(
      Array.from({ length: 1_000 }, (_, index) => 9_000 + index),
    )
    expect(data.omitted).toBe(9_000 + 20 * 7)
  })

  it('sends fewer events the more watch, and never more than fit a frame', () => {
    const changes = new LiveChanges(() => metrics())
    changes.addEvents(events(0, 1_000), 0)
    expect(parsed(changes.next(0, 1_000))).toMatchObject({ events: { length: 100 }, omitted: 900 })
    changes.addEvents(events(0, 1_000, 'ä'.repeat(4_000)), 0)
    const large = changes.next(0, 1, 'event')!
    expect(Buffer.byteLength(large.data as string)).toBeLessThan(257 * 1024)
    const { events: kept, omitted } = parsed(large)
    expect(kept.length + omitted).toBe(1_000)
    expect(kept.at(-1).values.n).toBe(999)
  })

  it('lets no kind starve, and metrics rest between two frames', () => {
    const changes = new LiveChanges(() => metrics())
    const seen: string[] = []
    for (let nowMs = 0; nowMs < 2_000; nowMs += 100) {
      changes.addEvents(events(nowMs, 1), 0)
      changes.addIngestion('job', { nowMs })
      changes.addDashboard('views')
      seen.push(changes.next(nowMs, 1)!.type)
    }
    for (const type of ['event', 'ingestion', 'dashboard']) {
      const at = seen.flatMap((each, index) => (each === type ? [index] : []))
      for (let index = 1; index < at.length; index++) expect(at[index]! - at[index - 1]!).toBeLessThanOrEqual(4)
    }
    expect(seen.filter((type) => type === 'metrics').length).toBeGreaterThanOrEqual(3)
    expect(seen.filter((type) => type === 'metrics').length).toBeLessThanOrEqual(5)
  })

  it('takes the kind that is asked for first', () => {
    const changes = new LiveChanges(() => metrics())
    changes.addDashboard('views')
    changes.addEvents(events(0, 1), 0)
    expect(changes.next(0, 1, 'event')!.type).toBe('event')
    expect(changes.next(0, 1, 'event')!.type).toBe('dashboard')
  })

  it('says of metrics only what changed, and of what is gone that it is', () => {
    let now = metrics({ totalEvents: 1, eventsByType: { a: 1, constructor: 5 }, recentValues: { 'a.n': 1, 'b.n': 2 } })
    const changes = new LiveChanges(() => now)
    changes.addMetrics()
    expect(parsed(changes.next(0, 1))).toMatchObject({ eventsByType: { a: 1, constructor: 5 } })
    now = metrics({ totalEvents: 2, eventsByType: { a: 2, constructor: 5 }, recentValues: { 'a.n': 1 } })
    changes.addMetrics()
    expect(changes.next(100, 1)).toBeUndefined()
    expect(parsed(changes.next(1_000, 1))).toEqual({
      totalEvents: 2,
      eventsPerSecond: 0,
      eventsByType: { a: 2 },
      eventsBySource: {},
      recentValues: { 'b.n': null },
      regions: {},
      at: now.at,
    })
  })

  it('keeps the last state of a job', () => {
    const changes = new LiveChanges(() => metrics())
    for (const bytesDone of [1, 2, 3]) changes.addIngestion('a', { id: 'a', bytesDone })
    changes.addIngestion('b', { id: 'b' })
    expect(parsed(changes.next(0, 1))).toEqual({ ingestions: [{ id: 'a', bytesDone: 3 }, { id: 'b' }] })
    expect(changes.isEmpty).toBe(true)
  })
})
