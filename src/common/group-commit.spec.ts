import { describe, expect, it } from 'vitest'
import { GroupCommit } from './group-commit.js'

const LIMITS = { maxBatch: 3, maxWaiting: 100 }

describe('GroupCommit', () => {
  it('gathers what arrives while a batch is in flight, in order and in bounded batches', async () => {
    const batches: number[][] = []
    const commits = new GroupCommit<number, number>(async (items) => {
      batches.push(items)
      await new Promise((resolve) => setTimeout(resolve, 5))
      return items.map((item) => item * 10)
    }, LIMITS)
    const first = commits.submit(1)
    await new Promise((resolve) => setTimeout(resolve, 2))
    const others = [2, 3, 4, 5].map((item) => commits.submit(item))
    expect(await Promise.all([first, ...others])).toEqual([10, 20, 30, 40, 50])
    expect(batches).toEqual([[1], [2, 3, 4], [5]])
  })

  it('sends what waits before it answers those before, so that the database need not wait for that', async () => {
    const events: string[] = []
    const commits = new GroupCommit<number, void>(async (items) => {
      events.push(`sent ${items.join()}`)
      await new Promise((resolve) => setTimeout(resolve, 5))
      return []
    }, LIMITS)
    const asked = async (item: number) => {
      await commits.submit(item)
      events.push(`answered ${item}`)
    }
    const first = asked(1)
    await new Promise((resolve) => setTimeout(resolve, 2))
    await Promise.all([first, asked(2)])
    expect(events).toEqual(['sent 1', 'sent 2', 'answered 1', 'answered 2'])
  })

  it('sends what arrives in one turn of the event loop together', async () => {
    const batches: number[][] = []
    const commits = new GroupCommit<number, void>(async (items) => {
      batches.push(items)
      return []
    }, LIMITS)
    await Promise.all([commits.submit(1), commits.submit(2)])
    expect(batches).toEqual([[1, 2]])
  })

  it('counts what a batch holds and what waits by weight; what is too heavy for a batch goes alone', async () => {
    const batches: number[][] = []
    const commits = new GroupCommit<number, void>(
      async (items) => {
        batches.push(items)
        return []
      },
      { maxBatch: 10, maxWaiting: 30, weightOf: (item) => item },
    )
    const accepted = [6, 4, 1, 15, 9].map((item) => commits.submit(item))
    await expect(commits.submit(1)).rejects.toMatchObject({ code: 'UNAVAILABLE' })
    await Promise.all(accepted)
    expect(batches).toEqual([[6, 4], [1], [15], [9]])
  })

  it('lets those who were just answered come along with those who wait', async () => {
    const batches: number[] = []
    const commits = new GroupCommit<number, void>(
      async (items) => {
        batches.push(items.length)
        await new Promise((resolve) => setTimeout(resolve, 2))
        return []
      },
      { maxBatch: 100, maxWaiting: 100, lingerMs: 500 },
    )
    const asksThreeTimes = async () => {
      for (let time = 0; time < 3; time++) await commits.submit(time)
    }
    const first = Promise.all([asksThreeTimes(), asksThreeTimes()])
    await new Promise((resolve) => setTimeout(resolve, 1))
    const second = Promise.all([asksThreeTimes(), asksThreeTimes()])
    // Nobody comes after the last answers; only then does it wait in vain.
    await Promise.all([first, second])
    expect(batches.slice(0, 3)).toEqual([2, 4, 4])
  })

  it('fails the items of a failed batch and no others', async () => {
    const commits = new GroupCommit<number, number>(async (items) => {
      if (items.includes(2)) throw new Error('down')
      return items
    }, LIMITS)
    const outcomes = await Promise.allSettled([1, 2, 3, 4].map((item) => commits.submit(item)))
    expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected', 'fulfilled'])
    expect(await commits.submit(5)).toBe(5)
  })

  it('refuses what it cannot hold, and says when it is idle', async () => {
    let done = 0
    const commits = new GroupCommit<number, void>(
      async (items) => {
        await new Promise((resolve) => setTimeout(resolve, 2))
        done += items.length
        return []
      },
      { maxBatch: 1, maxWaiting: 2 },
    )
    const accepted = [commits.submit(1), commits.submit(2)]
    await expect(commits.submit(3)).rejects.toMatchObject({ code: 'UNAVAILABLE' })
    await commits.idle()
    expect(done).toBe(2)
    await Promise.all(accepted)
    await commits.idle()
  })
})
