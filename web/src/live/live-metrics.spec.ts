import { describe, expect, it } from 'vitest'
import type { Frame, Metrics, StoredEvent } from './frames'
import { afterFrame } from './live-metrics'

const EMPTY: Metrics = {
  totalEvents: 0,
  eventsByType: {},
  eventsBySource: {},
  eventsPerSecond: 0,
  recentValues: {},
  timeSeries: {},
  regions: {},
  at: '2026-01-31T12:00:00.000Z',
}

const AT = '2026-01-31T12:00:00.000Z'
const event = (number: number, values: StoredEvent['values'] = { amount: number }): StoredEvent => ({
  id: String(number),
  timestamp: '2026-01-31T12:00:00.000Z',
  source: 'shop-1',
  type: 'sale',
  values,
})
const snapshot = (metrics: Partial<Metrics>): Frame => ({
  type: 'snapshot',
  at: AT,
  data: { metrics: { ...EMPTY, ...metrics } },
})
const events = (...all: StoredEvent[]): Frame => ({ type: 'event', at: AT, data: { events: all, omitted: 0 } })

describe('the figures after a frame', () => {
  it('are unknown until there was a snapshot', () => {
    expect(afterFrame(undefined, events(event(1)))).toBeUndefined()
  })

  it('take changed names over, and forget those that are null', () => {
    const before = afterFrame(undefined, snapshot({ totalEvents: 3, eventsByType: { sale: 2, visit: 1 } }))
    const changes = { eventsByType: { sale: 4, visit: null }, eventsBySource: {}, recentValues: {}, regions: {} }
    const after = afterFrame(before, {
      type: 'metrics',
      at: AT,
      data: { totalEvents: 4, eventsPerSecond: 1, at: EMPTY.at, ...changes },
    })
    expect(after!.totalEvents).toBe(4)
    expect([...after!.eventsByType]).toEqual([['sale', 4]])
    expect([...before!.eventsByType]).toHaveLength(2)
  })

  it('keep the last hundred numbers of each value, oldest first, whatever the name', () => {
    const many = Array.from({ length: 150 }, (_, number) =>
      event(number, { ['__proto__']: 0, amount: number, user: 'a' }),
    )
    const { series } = afterFrame(afterFrame(undefined, snapshot({})), events(...many))!
    expect(series.has('sale.user')).toBe(false)
    expect(series.get('sale.amount')).toHaveLength(100)
    expect(series.get('sale.amount')!.at(-1)).toMatchObject({ value: 149 })
  })

  it('stay bounded when every event has new keys', () => {
    let figures = afterFrame(undefined, snapshot({}))
    for (let number = 0; number < 2_000; number++)
      figures = afterFrame(figures, events(event(number, { [`key${number}`]: 1 })))
    expect(figures!.series.size).toBe(256)
    expect(figures!.series.has('sale.key1999')).toBe(true)
    expect(figures!.latestEvents).toHaveLength(50)
    expect(figures!.latestEvents[0]!.id).toBe('1999')
  })
})
