import { describe, expect, it } from 'vitest'
import { readEvent, InvalidEvent } from '../../src/events/event-reader.js'
import { sampleEvents } from './events-generator.js'

const take = (seed: number, count: number) => {
  const events = sampleEvents(seed)
  return Array.from({ length: count }, () => events.next().value)
}

describe('sampleEvents', () => {
  it('gives the same events for the same seed, and others for another', () => {
    expect(take(7, 200)).toEqual(take(7, 200))
    expect(take(7, 200)).not.toEqual(take(8, 200))
  })

  it('makes events of every type that the server takes', () => {
    const events = take(1, 2_000)
    expect(new Set(events.map(({ type }) => type))).toEqual(new Set(['page_view', 'sale', 'sensor', 'login']))
    expect(events.filter((event) => readEvent(event, Date.now()) instanceof InvalidEvent)).toEqual([])
  })
})
