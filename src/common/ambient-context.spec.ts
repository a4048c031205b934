import { setImmediate as turn } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { AmbientContext } from './ambient-context.js'

describe('AmbientContext', () => {
  it('is seen by everything called within, however deep, and by nobody outside', async () => {
    const context = new AmbientContext<string>()
    const seen = await context.run('inside', async () => {
      await turn()
      return [context.get(), await context.run('deeper', async () => context.get()), context.get()]
    })
    expect(seen).toEqual(['inside', 'deeper', 'inside'])
    expect(context.get()).toBeUndefined()
  })

  it('stays with those who are inside when others leave, also when they fail', async () => {
    const context = new AmbientContext<number>()
    const stay = async (turns: number): Promise<number | undefined> => {
      for (let n = 0; n < turns; n++) await turn()
      if (turns === 2) throw new Error('two')
      return context.get()
    }
    const results = await Promise.allSettled([1, 2, 3, 4].map((turns) => context.run(turns, () => stay(turns))))
    expect(results.map((result) => (result.status === 'fulfilled' ? result.value : 'failed'))).toEqual([
      1,
      'failed',
      3,
      4,
    ])
    expect(await context.run(9, async () => context.get())).toBe(9)
  })
})
