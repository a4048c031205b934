import { verticalCompactor } from 'react-grid-layout/core'
import type { Board, BoardTile, SavedQuery, ShareableDraft } from '../../../boards/boards'
import { bottomOf, COLUMNS, inReadingOrder } from '../grid'

/** A tile that is being edited; `key` stays while it moves. */
export interface DraftTile extends BoardTile {
  key: string
}

/** A dashboard that is being edited. */
export interface BoardDraft extends ShareableDraft {
  refreshSeconds: number | null
  tiles: DraftTile[]
}

export const EMPTY_DRAFT: BoardDraft = {
  name: '',
  description: '',
  visibility: 'private',
  refreshSeconds: null,
  tiles: [],
}

const QUERY_SIZE = { w: 6, h: 5 }
const FIGURE_SIZE = { w: 4, h: 3 }
const TEXT_SIZE = { w: 12, h: 1 }

export function draftOf({ name, description, visibility, refreshSeconds, tiles }: Board): BoardDraft {
  return { name, description, visibility, refreshSeconds, tiles: tiles.map((tile) => ({ ...tile, key: newKey() })) }
}

/** The body of a request. */
export function bodyOf({ tiles, ...draft }: BoardDraft) {
  return {
    ...draft,
    tiles: inReadingOrder(tiles).map(({ savedQueryId, text, x, y, w, h }) => ({ savedQueryId, text, x, y, w, h })),
  }
}

export function withQuery(tiles: DraftTile[], saved: SavedQuery): DraftTile[] {
  const size = saved.view.type === 'figure' ? FIGURE_SIZE : QUERY_SIZE
  return added(tiles, { savedQueryId: saved.id, savedQuery: saved, text: null, ...size })
}

export function withText(tiles: DraftTile[]): DraftTile[] {
  return added(tiles, { savedQueryId: null, savedQuery: null, text: 'Text', ...TEXT_SIZE })
}

/** Below the others, or beside the last ones where there is room for it. */
function added(tiles: DraftTile[], tile: Omit<DraftTile, 'key' | 'x' | 'y'>): DraftTile[] {
  const bottom = bottomOf(tiles)
  const last = inReadingOrder(tiles).at(-1)
  const x = last && last.x + last.w + tile.w <= COLUMNS ? last.x + last.w : 0
  return compacted([...tiles, { ...tile, key: newKey(), x, y: x === 0 ? bottom : last!.y }])
}

/** As the grid lays them out: nothing on top of another, no empty rows. */
export function compacted(tiles: DraftTile[]): DraftTile[] {
  const layout = verticalCompactor.compact(
    tiles.map(({ key, x, y, w, h }) => ({ i: key, x, y, w, h })),
    COLUMNS,
  )
  return placed(tiles, layout)
}

/** The tiles where a layout has them. */
export function placed(
  tiles: DraftTile[],
  layout: readonly { i: string; x: number; y: number; w: number; h: number }[],
): DraftTile[] {
  const byKey = new Map(layout.map((item) => [item.i, item]))
  return tiles.map((tile) => {
    const { x, y, w, h } = byKey.get(tile.key) ?? tile
    return { ...tile, x, y, w, h }
  })
}

let keys = 0
function newKey(): string {
  return `tile-${++keys}`
}
