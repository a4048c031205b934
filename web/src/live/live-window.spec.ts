import { describe, expect, it } from 'vitest'
import { LiveWindow, SLICE_MS } from './live-window'

const NOW_MS = Date.parse('2026-01-31T12:00:02.000Z')

const sale = (agoMs: number, values: Record<string, string | number> = {}) => ({
  timestamp: new Date(NOW_MS - agoMs).toISOString(),
  values: { amount: 10, user: 'ada', ...values },
})
const whole = (window: LiveWindow, nowMs = NOW_MS) => window.read(nowMs).filter(({ isWhole }) => isWhole)

describe('the last minutes of events', () => {
  it('sums amounts and counts different users in spans of five seconds', () => {
    const window = new LiveWindow()
    window.add([sale(0), sale(1_000, { user: 'bob' }), sale(1_500), sale(SLICE_MS, { amount: 1 })], NOW_MS)
    const slices = window.read(NOW_MS)
    expect(slices).toHaveLength(60)
    expect(slices.at(-1)).toMatchObject({ events: 3, amount: 30, users: 2 })
    expect(slices.at(-2)).toMatchObject({ events: 1, amount: 1, users: 1 })
    expect(slices.at(-3)).toMatchObject({ events: 0, amount: 0, users: 0 })
  })

  it('leaves out what happened too long ago or is yet to happen', () => {
    const window = new LiveWindow()
    window.add([sale(3_600_000), sale(-3_600_000), sale(0)], NOW_MS)
    expect(window.read(NOW_MS).reduce((sum, { events }) => sum + events, 0)).toBe(1)
  })

  it('calls nothing whole that lies before what a snapshot reaches back to', () => {
    const window = new LiveWindow()
    const points = Array.from({ length: 100 }, (_, index) => sale((99 - index) * 200))
    window.addSnapshot({ sale: points, login: [sale(120_000)] }, NOW_MS)
    // 100 points of 200 ms reach back 19.8 seconds, and the span in which they begin is not whole.
    expect(whole(window)).toHaveLength(4)
  })

  it('counts once what a snapshot tells again, and begins anew behind a gap', () => {
    const window = new LiveWindow()
    window.addSnapshot({ sale: [sale(4_000), sale(3_000)] }, NOW_MS)
    window.addSnapshot({ sale: [sale(4_000), sale(3_000), sale(1_000)] }, NOW_MS)
    expect(whole(window)).toHaveLength(60)
    expect(window.read(NOW_MS).reduce((sum, { events }) => sum + events, 0)).toBe(3)

    const laterMs = NOW_MS + 60_000
    const points = Array.from({ length: 100 }, () => sale(-50_000))
    window.addSnapshot({ sale: points }, laterMs)
    expect(window.read(laterMs).reduce((sum, { events }) => sum + events, 0)).toBe(100)
    expect(whole(window, laterMs).length).toBeLessThan(4)
  })
})
