import { createHmac, hkdfSync, randomBytes } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { FieldCipher, KEY_ID_POSITION, keyIdOf } from './field-cipher.js'

const KEY = Buffer.alloc(32, 1)
const OTHER_KEY = Buffer.alloc(32, 2)
const CONTEXT = 'users.email:1'

describe('FieldCipher', () => {
  const cipher = new FieldCipher(KEY)

  it.each(['', 'a', 'ada@example.com', 'ä€😀', 'x'.repeat(10_000)])('opens what it sealed (%#)', (text) => {
    expect(cipher.open(cipher.seal(text, CONTEXT), CONTEXT)).toBe(text)
  })

  it('never seals alike, and shows nothing of the text', () => {
    const sealed = Array.from({ length: 1000 }, () => cipher.seal('ada@example.com', CONTEXT))
    expect(new Set(sealed.map((each) => each.toString('hex'))).size).toBe(1000)
    expect(Buffer.concat(sealed).includes('example')).toBe(false)
  })

  it('does not open in another row or for another purpose', () => {
    const sealed = cipher.seal('ada@example.com', CONTEXT)
    for (const context of ['users.email:2', 'users.name:1', '']) expect(() => cipher.open(sealed, context)).toThrow()
  })

  it('does not open when any bit was changed, or the end is missing', () => {
    const sealed = cipher.seal('ada', CONTEXT)
    for (let bit = 0; bit < sealed.length * 8; bit++) {
      const changed = Buffer.from(sealed)
      changed[bit >> 3]! ^= 1 << (bit & 7)
      expect(() => cipher.open(changed, CONTEXT), `bit ${bit}`).toThrow()
    }
    for (let length = 0; length < sealed.length; length++)
      expect(() => cipher.open(sealed.subarray(0, length), CONTEXT), `${length} bytes`).toThrow()
  })

  it('opens what the previous key sealed, and seals with the current one', () => {
    const rotated = new FieldCipher(OTHER_KEY, KEY)
    const old = cipher.seal('ada', CONTEXT)
    expect(rotated.open(old, CONTEXT)).toBe('ada')
    expect(keyIdOf(old).equals(rotated.currentKeyId!)).toBe(false)
    const renewed = rotated.seal('ada', CONTEXT)
    expect(keyIdOf(renewed).equals(rotated.currentKeyId!)).toBe(true)
    expect(() => cipher.open(renewed, CONTEXT)).toThrow('a key that is not known here')
    expect([rotated.knows(keyIdOf(old)), cipher.knows(keyIdOf(renewed))]).toEqual([true, false])
  })

  it('has the id of the key where the database looks for it', () => {
    const sealed = cipher.seal('ada', CONTEXT)
    const { from, length } = KEY_ID_POSITION
    expect(sealed.subarray(from - 1, from - 1 + length)).toEqual(cipher.currentKeyId)
  })

  it('hashes for look-up with a key of its own for each purpose: HMAC-SHA256, by the current key first', () => {
    const [hash] = cipher.lookupHashes('ada@example.com', 'users.email')
    const key = Buffer.from(hkdfSync('sha256', KEY, '', 'countinghouse lookup users.email', 32))
    expect(hash).toEqual(createHmac('sha256', key).update('ada@example.com').digest())
    expect(cipher.lookupHashes('ada@example.com', 'other')[0]).not.toEqual(hash)
    const both = new FieldCipher(OTHER_KEY, KEY).lookupHashes('ada@example.com', 'users.email')
    expect(both).toHaveLength(2)
    expect(both[1]).toEqual(hash)
  })

  it('is off without a key', () => {
    const off = new FieldCipher()
    expect([off.isEnabled, off.currentKeyId, off.lookupHashes('a', 'b')]).toEqual([false, undefined, []])
    expect(() => off.seal('a', CONTEXT)).toThrow()
    expect(() => off.open(cipher.seal('a', CONTEXT), CONTEXT)).toThrow()
    expect(off.knows(randomBytes(4))).toBe(false)
  })
})
