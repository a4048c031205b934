import { describe, expect, it } from 'vitest'
import { primaryConstraint } from './primary-constraint.js'

describe('primaryConstraint', () => {
  it.each([
    [
      { max: 'n must not be greater than 5', isInt: 'n must be an integer number' },
      'isInt',
      'must be an integer number',
    ],
    [{ max: 'n must not be greater than 5' }, 'max', 'must not be greater than 5'],
    [{ matches: 'must be a plain identifier' }, 'matches', 'must be a plain identifier'],
    [{ isIn: 'name must be one of: a, b' }, 'isIn', 'name must be one of: a, b'],
  ])('of %j is %s', (constraints, rule, message) => {
    expect(primaryConstraint('n', constraints as unknown as Record<string, string>)).toEqual({ rule, message })
  })

  it('is nothing when no rule is broken', () => {
    expect(primaryConstraint('n', {})).toBeUndefined()
    expect(primaryConstraint('n')).toBeUndefined()
  })
})
