import { describe, expect, it } from 'vitest'
import { Slots } from './slots.js'

const never = new AbortController().signal

describe('Slots', () => {
  it('lets holders in up to its number, and the others in the order they came', async () => {
    const slots = new Slots(2)
    const order: string[] = []
    const enter = (name: string) => slots.take(never).then((giveBack) => (order.push(name), giveBack))
    const [first, second] = await Promise.all([enter('a'), enter('b')])
    const waiting = [enter('c'), enter('d')]
    await Promise.resolve()
    expect(order).toEqual(['a', 'b'])
    first()
    first()
    await waiting[0]
    expect(order).toEqual(['a', 'b', 'c'])
    second()
    await waiting[1]
    expect(order).toEqual(['a', 'b', 'c', 'd'])
  })

  it('forgets who goes away while waiting', async () => {
    const slots = new Slots(1)
    const giveBack = await slots.take(never)
    const gone = new AbortController()
    const waiting = slots.take(gone.signal)
    const next = slots.take(never)
    gone.abort(new Error('gone'))
    await expect(waiting).rejects.toThrow('gone')
    await expect(slots.take(gone.signal)).rejects.toThrow('gone')
    giveBack()
    await expect(next).resolves.toBeTypeOf('function')
  })
})
