import { describe, expect, it } from 'vitest'
import { newIdAt } from '../../common/new-id.js'
import { Counts, CountedNames, MAX_NAMES, OTHER } from './metrics-counts.js'
import { MetricsDeltaBuilder } from './metrics-delta.js'
import { MetricsState } from './metrics-state.js'
import type { StoredEvent } from '../../events/stored-event.js'

const eventAt = (second: number, more: Partial<StoredEvent> = {}): StoredEvent => ({
  id: newIdAt(second * 1000 + 500),
  timestamp: new Date(second * 1000).toISOString(),
  source: 's',
  type: 't',
  values: {},
  ...more,
})

/** What instances tell of these events. */
const digestOf = (events: StoredEvent[]) => {
  const builder = new MetricsDeltaBuilder()
  builder.add(events)
  return builder.take()
}

/** What ClickHouse counts. */
const rowsOf = (events: StoredEvent[]) => {
  const counts = new Counts(new CountedNames())
  for (const event of events) counts.addEvent(event)
  return counts.rows()
}

const totalOf = (state: MetricsState): number => state.snapshot(0).totalEvents

describe('MetricsState', () => {
  it('counts an event once, whether it was told of before or after ClickHouse counted it', () => {
    const state = new MetricsState()
    const [early, late] = [eventAt(100), eventAt(100)]
    state.settle({ base: 40, until: 98, baseRows: rowsOf([]), isMore: false, openRows: rowsOf([]) })
    state.add(digestOf([early]))
    expect(totalOf(state)).toBe(1)
    // ClickHouse has both; the second one is told of only now.
    state.settle({ base: 43, until: 101, baseRows: rowsOf([]), isMore: true, openRows: rowsOf([early, late]) })
    expect(totalOf(state)).toBe(2)
    expect(state.add(digestOf([late]))).toEqual({ isBehind: true, isBeforeBase: false })
    expect(totalOf(state)).toBe(2)
  })

  it('finds what was stored late, and what nobody told of', () => {
    const state = new MetricsState()
    state.settle({ base: 40, until: 100, baseRows: rowsOf([]), isMore: false, openRows: rowsOf([]) })
    const slow = eventAt(98)
    state.add(digestOf([slow]))
    expect(totalOf(state)).toBe(0)
    const settle = (until: number, events: StoredEvent[]) =>
      state.settle({ base: until - 60, until, baseRows: rowsOf([]), isMore: true, openRows: rowsOf(events) })
    expect(settle(101, [slow]), 'it was told of').toBe(false)
    expect(settle(102, [slow, eventAt(99)]), 'ClickHouse alone knew').toBe(true)
    expect(totalOf(state)).toBe(2)
    expect(state.add(digestOf([eventAt(10)]))).toEqual({ isBehind: true, isBeforeBase: true })
  })

  it('moves seconds into the base without losing or doubling any', () => {
    const state = new MetricsState()
    const stored: StoredEvent[] = []
    let base = 0
    for (let second = 1_000; second < 1_200; second++) {
      const events = Array.from({ length: second % 7 }, () => eventAt(second))
      stored.push(...events)
      state.add(digestOf(events))
      if (second % 5 === 0) {
        const from = (low: number, high: number) =>
          rowsOf(
            stored.filter(({ timestamp }) => {
              const at = Date.parse(timestamp) / 1000
              return at >= low && at < high
            }),
          )
        const [next, until] = [second - 60, second - 3]
        state.settle({ base: next, until, baseRows: from(base, next), isMore: base > 0, openRows: from(next, until) })
        base = next
      }
      expect(totalOf(state)).toBe(stored.length)
    }
  })

  it('counts names beyond its limit together, and none of them twice', () => {
    const state = new MetricsState()
    const events = Array.from({ length: 2_000 }, (_, n) =>
      eventAt(10, { type: `t-${n}`, values: { region: `r-${n}` } }),
    )
    for (const event of events) state.add(digestOf([event]))
    const { eventsByType, regions, totalEvents } = state.snapshot(0)
    expect(totalEvents).toBe(2_000)
    expect(Object.keys(eventsByType)).toHaveLength(MAX_NAMES + 1)
    expect(eventsByType[OTHER]).toBe(2_000 - MAX_NAMES)
    expect(regions[OTHER]).toEqual({ events: 2_000 - MAX_NAMES, amount: 0 })
  })

  it('takes any name for a name', () => {
    const state = new MetricsState()
    state.add(digestOf([eventAt(1, { type: '__proto__', source: 'constructor', values: { toString: 1 } })]))
    const text = JSON.stringify(state.snapshot(0))
    expect(text).toContain('"eventsByType":{"__proto__":1}')
    expect(text).toContain('"eventsBySource":{"constructor":1}')
    expect(text).toContain('"recentValues":{"__proto__.toString":1}')
  })

  it('has the last hundred points of a type, also when others bring more than a delta holds', () => {
    const state = new MetricsState()
    const rare = Array.from({ length: 100 }, (_, n) => eventAt(10, { type: 'rare', values: { n } }))
    const frequent = Array.from({ length: 20_000 }, (_, n) => eventAt(10, { type: 'frequent', values: { n } }))
    const delta = digestOf([...rare, ...frequent])
    expect(delta.events.length + delta.omitted).toBe(20_100)
    expect(delta.events.length).toBeLessThanOrEqual(4_000)
    state.add(delta)
    const { timeSeries, totalEvents } = state.snapshot(0)
    expect(totalEvents).toBe(20_100)
    expect(timeSeries.rare!.map(({ values }) => values.n)).toEqual(rare.map(({ values }) => values.n))
    expect(timeSeries.frequent!.at(-1)!.values.n).toBe(19_999)
  })

  it('shows the last events of ClickHouse and those told of meanwhile, each once', () => {
    const state = new MetricsState()
    const [old, both, young] = [1, 2, 3].map((n) => eventAt(10, { values: { n } })) as [
      StoredEvent,
      StoredEvent,
      StoredEvent,
    ]
    state.expectLastEvents()
    state.add(digestOf([both, young]))
    state.setLastEvents([old, both])
    expect(state.snapshot(0).timeSeries.t!.map(({ values }) => values.n)).toEqual([1, 2, 3])
  })

  it('gives the rate of the last ten seconds', () => {
    const state = new MetricsState()
    state.add(digestOf(Array.from({ length: 50 }, () => eventAt(100))))
    expect(state.eventsPerSecond(104_000)).toBe(5)
    expect(state.eventsPerSecond(110_000)).toBe(0)
  })
})
