import { describe, expect, it } from 'vitest'
import { entityTag, isKnown } from './entity-tag.js'

describe('an entity tag', () => {
  const tag = entityTag(['sales', 'json', 'digest', '7'])

  it('is weak, and another for whatever differs', () => {
    expect(tag).toMatch(/^W\/"[\w-]{27}"$/)
    expect(entityTag(['sales', 'json', 'digest', '7'])).toBe(tag)
    expect(entityTag(['sales', 'json', 'digest', '8'])).not.toBe(tag)
    expect(entityTag(['sales', 'json', 'dig', 'est7'])).not.toBe(entityTag(['sales', 'json', 'digest', '7']))
  })

  it('is found in If-None-Match by the weak comparison', () => {
    for (const header of [tag, tag.slice(2), ` "other" , ${tag}`, '*']) expect(isKnown(tag, header)).toBe(true)
    for (const header of [undefined, '', '"other"', tag.slice(3, -1)]) expect(isKnown(tag, header)).toBe(false)
  })
})
