import { describe, expect, it } from 'vitest'
import { jsonArrayPieces } from './json-array-pieces.js'

const piecesOf = (text: string, pieceBytes: number): string[] =>
  [...jsonArrayPieces(Buffer.from(text), pieceBytes)].flatMap((piece) => (piece ? [piece.toString()] : []))

/** As its pieces tell it; undefined when one is not valid, or one of several has nothing in it. */
function parsedInPieces(text: string, pieceBytes: number): unknown[] | undefined {
  try {
    const pieces = piecesOf(text, pieceBytes).map((piece) => JSON.parse(piece) as unknown)
    if (!pieces.every(Array.isArray)) return undefined
    if (pieces.length > 1 && pieces.some((piece) => (piece as unknown[]).length === 0)) return undefined
    return pieces.flat()
  } catch {
    return undefined
  }
}

function parsed(text: string): unknown[] | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return Array.isArray(value) ? (value as unknown[]) : undefined
  } catch {
    return undefined
  }
}

/** The same numbers for the same seed. */
function randomOf(seed: number): () => number {
  let state = seed
  return () => (state = (state * 1_103_515_245 + 12_345) % 2_147_483_648) / 2_147_483_648
}

describe('jsonArrayPieces', () => {
  it('cuts between elements, wherever brackets, commas and quotes stand in strings', () => {
    const text = JSON.stringify([{ a: '],[{"' }, ['x', { b: [1, 2] }], '\\', '\\"],', 5, null])
    expect(piecesOf(text, 1)).toHaveLength(6)
    expect(parsedInPieces(text, 1)).toEqual(JSON.parse(text))
    expect(parsedInPieces('[]', 1)).toEqual([])
  })

  it.each(['[1,]', '[,1]', '[1,,2]', '[1,2', '[1],[2,3]', '[1],2', '1,2]', '[1}', '{"a":1,"b":2}', '["a', '', '[ ,1]'])(
    'leaves a piece that is not valid of %s',
    (text) => expect(parsedInPieces(text, 1)).toBeUndefined(),
  )

  it('says the same of every text as parsing it whole', () => {
    const random = randomOf(Number(process.env.SEED ?? 7))
    const alphabet = [
      '[',
      ']',
      '{',
      '}',
      ',',
      ',',
      '"',
      '\\',
      ':',
      '1',
      ' ',
      '"a"',
      '"a":',
      '[1,2]',
      '{"b":[3]}',
      '\\"',
      'é',
    ]
    let valid = 0
    for (let round = 0; round < 3_000; round++) {
      const inside = Array.from({ length: random() * 8 }, () => alphabet[Math.floor(random() * alphabet.length)]).join(
        '',
      )
      const text = random() < 0.9 ? `[${inside}]` : inside
      const whole = parsed(text)
      if (whole) valid++
      for (const pieceBytes of [1, 3, 7]) expect(parsedInPieces(text, pieceBytes), text).toEqual(whole)
    }
    expect(valid).toBeGreaterThan(50)
  })

  it('looks at every byte once, and takes a break in a long string', () => {
    const text = JSON.stringify(['x'.repeat(1_000_000), 1])
    const pieces = [...jsonArrayPieces(Buffer.from(text), 10)]
    expect(pieces.filter((piece) => piece === undefined).length).toBeGreaterThan(10)
    expect(parsedInPieces(text, 10)).toEqual(JSON.parse(text))
  })
})
