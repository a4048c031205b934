import { describe, expect, it } from 'vitest'
import { rowPieces, type RowPiece } from './row-pieces.js'

async function cut(chunks: string[], pieceBytes: number): Promise<[string, number][]> {
  const pieces: RowPiece[] = []
  const stream = (async function* () {
    for (const chunk of chunks) yield Buffer.from(chunk)
  })()
  for await (const piece of rowPieces(stream, pieceBytes)) pieces.push(piece)
  return pieces.map(({ bytes, rows }) => [bytes.toString(), rows])
}

describe('rowPieces', () => {
  it('cuts behind the last whole line, wherever the chunks end', async () => {
    expect(await cut(['a\nb', 'b\nc', 'c\n', 'd\n'], 4)).toEqual([
      ['a\nbb\n', 2],
      ['cc\nd\n', 2],
    ])
  })

  it('keeps a line together that is longer than a piece', async () => {
    expect(await cut(['aaaa', 'aaaa', 'aa\nb\n'], 4)).toEqual([['aaaaaaaaaa\nb\n', 2]])
  })

  it('gives nothing for no rows', async () => {
    expect(await cut([], 4)).toEqual([])
  })
})
