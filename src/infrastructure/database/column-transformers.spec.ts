import { LosslessNumber } from 'lossless-json'
import { describe, expect, it } from 'vitest'
import { exactNumber, exactNumberOf } from './column-transformers.js'

describe('exact numbers of columns', () => {
  it.each([
    ['19.9900', '19.99'],
    ['0.0000', '0'],
    ['99999999999999.9999', '99999999999999.9999'],
    ['100', '100'],
    ['10.0', '10'],
    ['007.50', '7.5'],
    ['000', '0'],
    ['-0.5000', '-0.5'],
    ['9223372036854775807', '9223372036854775807'],
  ])('%s is %s', (text, digits) => {
    expect(exactNumberOf(text).toString()).toBe(digits)
    expect(exactNumber.from(text)).toEqual(new LosslessNumber(digits))
    expect(exactNumber.to(exactNumberOf(text))).toBe(digits)
  })

  it('leaves what is not there', () => {
    expect(exactNumber.from(null)).toBeNull()
    expect(exactNumber.to(null)).toBeNull()
    expect(exactNumber.to(undefined)).toBeUndefined()
  })
})
