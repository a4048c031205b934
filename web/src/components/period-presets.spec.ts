import { describe, expect, it } from 'vitest'
import { periodPresets, presetOf } from './period-presets'

describe('the periods to choose from', () => {
  const now = new Date(2026, 2, 29, 13, 30, 12)
  const presets = periodPresets(now)
  const named = (label: string) => presets.find((period) => period.label === label)!

  it('begin and end at midnight of the reader, also where a day has 23 hours', () => {
    expect(named('Yesterday')).toEqual({
      label: 'Yesterday',
      from: new Date(2026, 2, 28).toISOString(),
      to: new Date(2026, 2, 29).toISOString(),
    })
    expect(named('Last 7 days').from).toBe(new Date(2026, 2, 23).toISOString())
    expect(named('Last hour').from).toBe(new Date(2026, 2, 29, 12, 30).toISOString())
  })

  it('are recognized by their bounds', () => {
    expect(presetOf(named('Yesterday'), presets)).toBe('Yesterday')
    expect(presetOf({ from: '', to: '' }, presets)).toBeNull()
  })
})
