import { describe, expect, it } from 'vitest'
import type { DraftTile } from './board-draft'
import { MOVES, moved, moveOfKey, type Move } from './moves'

/** `a 0,0 6x4` */
function tileOf(text: string): DraftTile {
  const [, key, ...numbers] = /^(\w+) (\d+),(\d+) (\d+)x(\d+)$/.exec(text)!
  const [x, y, w, h] = numbers.map(Number) as [number, number, number, number]
  return { key: key!, savedQueryId: null, savedQuery: null, text: key!, x, y, w, h }
}

const textOf = ({ key, x, y, w, h }: DraftTile) => `${key} ${x},${y} ${w}x${h}`

function after(tiles: string[], key: string, ...moves: Move[]): string[] {
  return moves.reduce((all, move) => moved(all, key, move), tiles.map(tileOf)).map(textOf)
}

describe('moving a tile by the keyboard', () => {
  it('swaps it with the one above or below, whatever their heights', () => {
    const tiles = ['a 0,0 6x4', 'b 0,4 6x2', 'c 6,0 6x5']
    const down = ['a 0,2 6x4', 'b 0,0 6x2', 'c 6,0 6x5']
    expect(after(tiles, 'a', 'down')).toEqual(down)
    expect(after(tiles, 'b', 'up')).toEqual(down)
    expect(after(tiles, 'a', 'down', 'up')).toEqual(tiles)
    expect(after(tiles, 'a', 'up')).toEqual(tiles)
    expect(after(tiles, 'c', 'down')).toEqual(tiles)
  })

  it('goes a column further, and past a tile that lies beside it', () => {
    expect(after(['a 0,0 3x2'], 'a', 'right', 'right')).toEqual(['a 2,0 3x2'])
    expect(after(['a 0,0 3x2'], 'a', 'left')).toEqual(['a 0,0 3x2'])
    expect(after(['a 0,0 4x3', 'b 4,0 8x3'], 'a', 'right')).toEqual(['a 8,0 4x3', 'b 0,0 8x3'])
    expect(after(['a 0,0 4x3', 'b 4,0 8x3'], 'b', 'left')).toEqual(['a 8,0 4x3', 'b 0,0 8x3'])
  })

  it('makes it larger and smaller within the grid, and the others make room', () => {
    expect(after(['a 0,0 6x2', 'b 6,0 6x2'], 'a', 'wider')).toEqual(['a 0,0 7x2', 'b 6,2 6x2'])
    expect(after(['a 6,0 6x2'], 'a', 'wider')).toEqual(['a 5,0 7x2'])
    expect(after(['a 0,0 12x2'], 'a', 'wider')).toEqual(['a 0,0 12x2'])
    expect(after(['a 0,0 1x1'], 'a', 'narrower', 'shorter')).toEqual(['a 0,0 1x1'])
    expect(after(['a 0,0 4x2', 'b 0,2 4x2'], 'a', 'taller', 'narrower')).toEqual(['a 0,0 3x3', 'b 0,3 4x2'])
  })

  it('never puts a tile on top of another or beyond the grid', () => {
    const tiles = ['a 0,0 5x3', 'b 5,0 7x2', 'c 0,3 12x1', 'd 2,4 4x4', 'e 6,4 6x2'].map(tileOf)
    for (const first of MOVES)
      for (const second of MOVES)
        for (const one of tiles)
          for (const other of tiles) {
            const all = moved(moved(tiles, one.key, first), other.key, second)
            const cells = all.flatMap(({ x, y, w, h }) =>
              Array.from({ length: w * h }, (_, cell) => `${x + (cell % w)},${y + Math.floor(cell / w)}`),
            )
            expect(new Set(cells).size, `${one.key} ${first}, ${other.key} ${second}`).toBe(cells.length)
            expect(all.every(({ x, w }) => x >= 0 && w > 0 && x + w <= 12)).toBe(true)
          }
  })

  it('is what the arrow keys do', () => {
    expect(moveOfKey({ key: 'ArrowUp', shiftKey: false })).toBe('up')
    expect(moveOfKey({ key: 'ArrowRight', shiftKey: true })).toBe('wider')
    expect(moveOfKey({ key: 'Enter', shiftKey: false })).toBeUndefined()
  })
})
