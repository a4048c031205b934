import { describe, expect, it } from 'vitest'
import { endOfDay, relativeRange } from './relative-range.js'

// A Wednesday.
const at = (text: string, timezone = 'UTC') => ({ timezone, nowMs: Date.parse(text) })
const NOON = at('2024-05-15T12:00:00Z')

describe('relativeRange', () => {
  it.each([
    ['today', '2024-05-15', '2024-05-15'],
    ['yesterday', '2024-05-14', '2024-05-14'],
    ['this week', '2024-05-13', '2024-05-19'],
    ['last week', '2024-05-06', '2024-05-12'],
    ['this month', '2024-05-01', '2024-05-31'],
    ['last month', '2024-04-01', '2024-04-30'],
    ['this quarter', '2024-04-01', '2024-06-30'],
    ['last quarter', '2024-01-01', '2024-03-31'],
    ['this year', '2024-01-01', '2024-12-31'],
    ['last year', '2023-01-01', '2023-12-31'],
    ['last 1 day', '2024-05-14', '2024-05-14'],
    ['last 7 days', '2024-05-08', '2024-05-14'],
    ['last 2 weeks', '2024-04-29', '2024-05-12'],
    ['last 3 months', '2024-02-01', '2024-04-30'],
    ['last 4 quarters', '2023-04-01', '2024-03-31'],
    ['last 5 years', '2019-01-01', '2023-12-31'],
    ['last 9999 years', '0001-01-01', '2023-12-31'],
    ['  Last  30\tDAYS ', '2024-04-15', '2024-05-14'],
  ])('%s', (phrase, from, to) => {
    expect(relativeRange(phrase, NOON)).toEqual([from, to])
  })

  it.each(['', 'tomorrow', 'last 0 days', 'last -1 days', 'last 10000 days', 'last 1.5 days', 'this 2 weeks', 'last'])(
    'does not know %j',
    (phrase) => expect(relativeRange(phrase, NOON)).toBeUndefined(),
  )

  it('takes whole periods where the months are not of one length', () => {
    expect(relativeRange('last month', at('2024-03-31T12:00:00Z'))).toEqual(['2024-02-01', '2024-02-29'])
    expect(relativeRange('last 3 months', at('2024-05-31T12:00:00Z'))).toEqual(['2024-02-01', '2024-04-30'])
    expect(relativeRange('last quarter', at('2024-01-01T00:00:00Z'))).toEqual(['2023-10-01', '2023-12-31'])
  })

  it('looks up today in the time zone', () => {
    const moment = '2024-05-15T23:30:00Z'
    expect(relativeRange('today', at(moment, 'Europe/Berlin'))).toEqual(['2024-05-16', '2024-05-16'])
    expect(relativeRange('today', at(moment, 'America/New_York'))).toEqual(['2024-05-15', '2024-05-15'])
    expect(relativeRange('today', at('2024-05-15T05:00:00Z', 'Pacific/Pago_Pago'))).toEqual([
      '2024-05-14',
      '2024-05-14',
    ])
  })
})

describe('endOfDay', () => {
  it.each([
    ['a usual day', 'UTC', '2024-05-15T12:00:00Z', '2024-05-16T00:00:00Z'],
    ['its first moment', 'UTC', '2024-05-15T00:00:00Z', '2024-05-16T00:00:00Z'],
    ['its last moment', 'UTC', '2024-05-15T23:59:59.999Z', '2024-05-16T00:00:00Z'],
    ['a day of 23 hours', 'Europe/Berlin', '2024-03-31T00:30:00Z', '2024-03-31T22:00:00Z'],
    ['a day of 25 hours', 'Europe/Berlin', '2024-10-26T23:00:00Z', '2024-10-27T23:00:00Z'],
    ['a midnight that comes twice', 'America/Havana', '2025-11-01T20:00:00Z', '2025-11-02T04:00:00Z'],
    ['a midnight that is left out', 'Africa/Cairo', '2024-04-25T12:00:00Z', '2024-04-25T22:00:00Z'],
    ['a clock put back at midnight', 'America/Godthab', '2025-10-26T00:30:00Z', '2025-10-26T02:00:00Z'],
  ])('is found for %s', (_what, timezone, now, end) => {
    expect(new Date(endOfDay(at(now, timezone))).toISOString()).toBe(new Date(end).toISOString())
  })
})
