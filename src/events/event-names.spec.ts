import { expect, it, vi } from 'vitest'
import { CheckedNames } from './event-names.js'

it('checks a name that is fine once, one that is not each time, and remembers no more than it may', () => {
  const problemOf = vi.fn((name: string) => (name === 'bad' ? { message: 'is bad' } : undefined))
  const names = new CheckedNames(problemOf)
  for (let time = 0; time < 3; time++) {
    expect(names.textOf('a"b')).toBe('"a\\"b"')
    expect(names.textOf('bad')).toEqual({ message: 'is bad' })
  }
  expect(problemOf).toHaveBeenCalledTimes(1 + 3)
  for (let n = 0; n < 10_000; n++) expect(names.textOf(`name-${n}`)).toBe(`"name-${n}"`)
  problemOf.mockClear()
  expect(names.textOf('a"b')).toBe('"a\\"b"')
  expect(problemOf).toHaveBeenCalledTimes(1)
})
