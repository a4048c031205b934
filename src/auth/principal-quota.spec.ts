import { describe, expect, it } from 'vitest'
import { PrincipalQuota, accountOf } from './principal-quota.js'

describe('PrincipalQuota', () => {
  it('gives each principal the limit, whatever the others hold', () => {
    const quota = new PrincipalQuota(3)
    expect([1, 2, 3, 4].map(() => quota.take('a'))).toEqual([true, true, true, false])
    expect(quota.take('b', 3)).toBe(true)
    expect(quota.take('b')).toBe(false)
  })

  it('takes nothing where it refuses, and all that was given back can be taken again', () => {
    const quota = new PrincipalQuota(10)
    expect(quota.take('a', 8)).toBe(true)
    expect(quota.take('a', 3)).toBe(false)
    expect(quota.heldBy('a')).toBe(8)
    quota.release('a', 8)
    expect(quota.heldBy('a')).toBe(0)
    expect(quota.take('a', 10)).toBe(true)
  })

  it('lets one that is larger than the limit pass alone where it is asked to', () => {
    const quota = new PrincipalQuota(10)
    expect([quota.takeUnlessFull('a', 9), quota.takeUnlessFull('a', 90), quota.takeUnlessFull('a', 1)]).toEqual([
      true,
      true,
      false,
    ])
    quota.release('a', 90)
    expect(quota.takeUnlessFull('a', 1)).toBe(true)
  })

  it('counts all keys of a user together, and the root key as one principal', () => {
    expect(accountOf({ userId: 'u1' })).toBe('u1')
    expect(accountOf({ userId: null })).toBe('root')
  })
})
