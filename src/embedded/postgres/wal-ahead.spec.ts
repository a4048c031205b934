import { describe, expect, it } from 'vitest'
import { nextSegment } from './wal-ahead.js'

const MB = 1024 * 1024

describe('nextSegment', () => {
  it.each([
    ['000000010000000000000001', 16 * MB, '000000010000000000000002'],
    ['0000000100000000000000FF', 16 * MB, '000000010000000100000000'],
    ['00000002000000AB00000009', 16 * MB, '00000002000000AB0000000A'],
    ['00000001000000000000003F', 64 * MB, '000000010000000100000000'],
    ['0000000100000001000003FF', 4 * MB, '000000010000000200000000'],
  ])('of %s in segments of %s bytes is %s', (name, bytes, next) => {
    expect(nextSegment(name, bytes)).toBe(next)
  })
})
