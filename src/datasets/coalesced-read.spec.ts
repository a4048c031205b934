import { describe, expect, it } from 'vitest'
import { CoalescedRead } from './coalesced-read.js'

/** A read that ends when the test says so, and gives its number. */
function controlledReads() {
  const ends: (() => void)[] = []
  const started: number[] = []
  const next = new CoalescedRead(() => {
    const number = started.push(started.length + 1)
    return new Promise<number>((resolve) => ends.push(() => resolve(number)))
  })
  return { next, started, end: (number: number) => ends[number - 1]!() }
}

const ticks = () => new Promise((done) => setImmediate(done))

describe('CoalescedRead', () => {
  it('shares one read among those who ask at once', async () => {
    const { next, started, end } = controlledReads()
    const answers = [next.get(), next.get(), next.get()]
    await ticks()
    end(1)
    expect(await Promise.all(answers)).toEqual([1, 1, 1])
    expect(started).toHaveLength(1)
  })

  it('gives those who come during a read the next one, all of them the same', async () => {
    const { next, started, end } = controlledReads()
    const first = next.get()
    await ticks()
    const late = [next.get(), next.get()]
    await ticks()
    expect(started).toHaveLength(1)
    end(1)
    expect(await first).toBe(1)
    await ticks()
    end(2)
    expect(await Promise.all(late)).toEqual([2, 2])
  })

  it('goes on after a read that failed', async () => {
    let reads = 0
    const next = new CoalescedRead(async () => {
      if (++reads === 1) throw new Error('down')
      return reads
    })
    await expect(next.get()).rejects.toThrow('down')
    expect(await next.get()).toBe(2)
  })
})
