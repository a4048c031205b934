import type { CSSProperties } from 'react'
import type { BoardTile } from '../../boards/boards'

/** Of the grid that tiles lie on, in pixels; dashboards.css has them too. */
export const COLUMNS = 12
export const ROW_HEIGHT = 64
export const GAP = 12

/** The heading of a tile and the room around its result. */
const FRAME = 68
const LEAST = 80

type Place = Pick<BoardTile, 'x' | 'y' | 'w' | 'h'>

/** Where a tile lies; a narrow page has one column and takes the order alone. */
export function placeOf({ x, y, w, h }: Place): CSSProperties {
  const place = { '--column': `${x + 1} / span ${w}`, '--row': `${y + 1} / span ${h}`, '--rows': h }
  return place as CSSProperties
}

/** What a chart has of the height of its tile. */
export function roomIn({ h }: Pick<Place, 'h'>): number {
  return Math.max(LEAST, h * ROW_HEIGHT + (h - 1) * GAP - FRAME)
}

/** As they are read: by rows, from left to right. */
export function inReadingOrder<T extends Place>(tiles: readonly T[]): T[] {
  return [...tiles].sort((a, b) => a.y - b.y || a.x - b.x)
}

/** The first free row. */
export function bottomOf(tiles: readonly Place[]): number {
  return Math.max(0, ...tiles.map(({ y, h }) => y + h))
}
