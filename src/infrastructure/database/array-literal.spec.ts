import { describe, expect, it } from 'vitest'
import { plainArray, textArray } from './array-literal.js'

const same = <T>(value: T): T => value

describe('array literals', () => {
  it('write numbers, booleans, ids and nothing as they are', () => {
    expect(plainArray([1, -2.5, true, 'a-b', null], same)).toBe('{1,-2.5,true,a-b,NULL}')
    expect(plainArray([], same)).toBe('{}')
  })

  it('quote texts, whatever is in them', () => {
    expect(textArray(['a', '', 'NULL', 'x,y', '{}', 'say "no"', 'C:\\'], same)).toBe(
      '{"a","","NULL","x,y","{}","say \\"no\\"","C:\\\\"}',
    )
  })
})
