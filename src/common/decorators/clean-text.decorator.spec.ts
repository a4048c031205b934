import { validateSync } from 'class-validator'
import { describe, expect, it } from 'vitest'
import { IsCleanText } from './clean-text.decorator.js'

class Body {
  @IsCleanText(20)
  text: unknown
}

const isRefused = (text: unknown): boolean => validateSync(Object.assign(new Body(), { text })).length > 0

describe('IsCleanText', () => {
  const separators = ['\0', '\n', '\r', '\t', '\v', '\f', '\u001b', '\u007f', '\u0085', '\u009f', '\u2028', '\u2029']
  it.each(separators.flatMap((mark) => [`a${mark}b`, `${mark}a`, `a${mark}`]))('refuses %j', (text) => {
    expect(isRefused(text)).toBe(true)
  })

  it.each(['', ' ', '\u00a0', 'x'.repeat(21), '\ud800', 7, null, {}])('refuses %j', (text) => {
    expect(isRefused(text)).toBe(true)
  })

  it.each(['a', 'Zoë 東京', "O'Neil & Söhne", '=1+1', '\u{1f600}', 'a\u00a0b', 'a\u200db'])('takes %j', (text) => {
    expect(isRefused(text)).toBe(false)
  })
})
