import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { exactNumberOf, parseExactly } from './exact-json.js'

const LONG = '12345678901234567890.123456789'

describe('parseExactly', () => {
  it('keeps the text of long numbers and nothing else', () => {
    const [number, text, short] = parseExactly(`[${LONG}, "${LONG}", 1.5]`) as unknown[]
    expect([exactNumberOf(number), exactNumberOf(text), exactNumberOf(short)]).toEqual([LONG, undefined, undefined])
    expect([text, short]).toEqual([LONG, 1.5])
  })

  it('is JSON.parse for everything else, wherever quotes, backslashes and digits stand in strings', () => {
    const texts = fc.string({ unit: fc.constantFrom('"', '\\', '1', '.', 'e', 'a', '{', ':', ' ') })
    fc.assert(
      fc.property(fc.dictionary(texts, fc.oneof(texts, fc.double(), fc.array(texts))), (value) => {
        const [number, rest] = parseExactly(`[${LONG},${JSON.stringify(value)}]`) as unknown[]
        expect(exactNumberOf(number)).toBe(LONG)
        const marked = JSON.stringify(rest, (_key, each) =>
          exactNumberOf(each) === undefined ? each : Number(exactNumberOf(each)),
        )
        expect(JSON.parse(marked)).toEqual(JSON.parse(JSON.stringify(value)))
      }),
    )
  })

  it('takes strings of ten million escapes, and refuses one that does not end', () => {
    const escapes = '\\"'.repeat(10_000_000)
    expect(parseExactly(`[${LONG},"${escapes}"]`)).toHaveLength(2)
    expect(() => parseExactly(`[${LONG},"${escapes}`)).toThrow(SyntaxError)
  })
})
