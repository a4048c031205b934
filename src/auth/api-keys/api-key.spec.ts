import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { generateApiKey, hashOfKey, isApiKey, prefixOfKey } from './api-key.js'

describe('API keys', () => {
  it('are ch_ and 43 base62 characters, never the same twice', () => {
    const keys = Array.from({ length: 1000 }, generateApiKey)
    for (const key of keys) expect(key).toMatch(/^ch_[0-9A-Za-z]{43}$/)
    expect(new Set(keys).size).toBe(1000)
  })

  it('use all 62 characters equally often', () => {
    const counts = new Map<string, number>()
    const keys = 5000
    for (let n = 0; n < keys; n++) {
      for (const character of generateApiKey().slice(3)) counts.set(character, (counts.get(character) ?? 0) + 1)
    }
    const expected = (keys * 43) / 62
    // Six standard deviations; folding 256 into 62 would put the first eight characters 21 percent above the others.
    const limit = 6 * Math.sqrt(expected)
    expect(counts.size).toBe(62)
    for (const [character, count] of counts) expect(Math.abs(count - expected), character).toBeLessThan(limit)
  })

  it('are recognized by their shape', () => {
    expect(isApiKey(generateApiKey())).toBe(true)
    for (const text of [
      '',
      'ch_',
      `ch_${'a'.repeat(42)}`,
      `ch_${'a'.repeat(44)}`,
      `ch_${'a'.repeat(42)}-`,
      `${generateApiKey()}\n`,
    ]) {
      expect(isApiKey(text), text).toBe(false)
    }
  })

  it('are hashed with SHA-256 and shown by a short prefix', () => {
    const key = generateApiKey()
    expect(hashOfKey(key)).toBe(createHash('sha256').update(key).digest('hex'))
    expect(prefixOfKey(key)).toBe(key.slice(0, 9))
  })
})
