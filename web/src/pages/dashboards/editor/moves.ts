import { COLUMNS } from '../grid'
import { compacted, type DraftTile } from './board-draft'

export const MOVES = ['up', 'down', 'left', 'right', 'wider', 'narrower', 'taller', 'shorter'] as const
export type Move = (typeof MOVES)[number]

/** What the arrow keys do with a tile, and with Shift. */
const ARROWS: Record<string, [plain: Move, shifted: Move]> = {
  ArrowUp: ['up', 'shorter'],
  ArrowDown: ['down', 'taller'],
  ArrowLeft: ['left', 'narrower'],
  ArrowRight: ['right', 'wider'],
}

const MAX_HEIGHT = 50

export function moveOfKey({ key, shiftKey }: { key: string; shiftKey: boolean }): Move | undefined {
  return ARROWS[key]?.[shiftKey ? 1 : 0]
}

/** The tiles after a step of one of them; the others make room. The same where it cannot go further. */
export function moved(tiles: DraftTile[], key: string, move: Move): DraftTile[] {
  const tile = tiles.find((each) => each.key === key)
  if (!tile) return tiles
  const steps = stepsOf(tile, tiles, move)
  return steps.size === 0 ? tiles : compacted(tiles.map((each) => ({ ...each, ...steps.get(each.key) })))
}

type Steps = Map<string, Partial<DraftTile>>

function stepsOf(tile: DraftTile, tiles: DraftTile[], move: Move): Steps {
  const { x, w, h } = tile
  const step = (changes: Partial<DraftTile>, isPossible: boolean): Steps =>
    new Map(isPossible ? [[tile.key, changes]] : [])
  switch (move) {
    case 'up':
      return swapped(nearest(tile, tiles, -1), tile)
    case 'down':
      return swapped(tile, nearest(tile, tiles, 1))
    case 'left':
      return sideways(tile, tiles, -1)
    case 'right':
      return sideways(tile, tiles, 1)
    case 'wider':
      return step(x + w < COLUMNS ? { w: w + 1 } : { w: w + 1, x: x - 1 }, w < COLUMNS)
    case 'narrower':
      return step({ w: w - 1 }, w > 1)
    case 'taller':
      return step({ h: h + 1 }, h < MAX_HEIGHT)
    case 'shorter':
      return step({ h: h - 1 }, h > 1)
  }
}

/** The next one above or below that has a column in common. */
function nearest(tile: DraftTile, tiles: DraftTile[], direction: 1 | -1): DraftTile | undefined {
  return tiles
    .filter((other) => overlaps(tile.x, tile.w, other.x, other.w) && (other.y - tile.y) * direction > 0)
    .sort((a, b) => (a.y - b.y) * direction)[0]
}

/** The lower one above the upper one. */
function swapped(upper: DraftTile | undefined, lower: DraftTile | undefined): Steps {
  if (!upper || !lower) return new Map()
  return new Map([
    [lower.key, { y: upper.y }],
    [upper.key, { y: upper.y + lower.h }],
  ])
}

/** A column further; past a tile that is in the way, where both have room. */
function sideways(tile: DraftTile, tiles: DraftTile[], direction: 1 | -1): Steps {
  const x = tile.x + direction
  if (x < 0 || x + tile.w > COLUMNS) return new Map()
  const inWay = tiles.filter(
    (other) =>
      other.key !== tile.key && overlaps(x, tile.w, other.x, other.w) && overlaps(tile.y, tile.h, other.y, other.h),
  )
  const [other] = inWay
  if (!other) return new Map([[tile.key, { x }]])
  if (inWay.length > 1 || other.y !== tile.y) return new Map([[tile.key, { x }]])
  const [left, right] = direction === 1 ? [tile, other] : [other, tile]
  return new Map([
    [right.key, { x: left.x }],
    [left.key, { x: right.x + right.w - left.w }],
  ])
}

function overlaps(start: number, length: number, otherStart: number, otherLength: number): boolean {
  return start < otherStart + otherLength && otherStart < start + length
}
