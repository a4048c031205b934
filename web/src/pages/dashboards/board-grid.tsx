import { ActionIcon, Tooltip } from '@mantine/core'
import { IconRefresh, IconSearch } from '@tabler/icons-react'
import { Link } from 'react-router'
import { exploreAddress, type BoardTile, type SavedQuery } from '../../boards/boards'
import { useDatasetMembers } from './dataset-members'
import { inReadingOrder, placeOf, roomIn } from './grid'
import { HiddenTile, QueryTile } from './query-tile'
import { TextTile, TileFrame } from './tile-frame'
import type { TileResult } from './use-tile-results'

interface BoardGridProps {
  tiles: BoardTile[]
  results: ReadonlyMap<string, TileResult>
  onLoad: (saved: SavedQuery) => void
}

/** The tiles where they lie; one below the other on a narrow page. */
export function BoardGrid({ tiles, results, onLoad }: BoardGridProps) {
  return (
    <div className="board-grid">
      {inReadingOrder(tiles).map((tile, index) => (
        <div
          key={index}
          className="board-tile"
          style={placeOf(tile)}
          data-grows={isAsHighAsItsContent(tile) || undefined}
        >
          <Tile tile={tile} results={results} onLoad={onLoad} />
        </div>
      ))}
    </div>
  )
}

/** Where tiles lie one below the other: texts and figures would be cut. */
function isAsHighAsItsContent({ text, savedQuery }: BoardTile): boolean {
  return text !== null || savedQuery?.view.type === 'figure'
}

function Tile({ tile, results, onLoad }: Omit<BoardGridProps, 'tiles'> & { tile: BoardTile }) {
  const { savedQuery: saved, text } = tile
  const members = useDatasetMembers(saved?.dataset)
  if (text !== null) return <TextTile text={text} />
  if (!saved)
    return (
      <TileFrame title="Saved query">
        <HiddenTile />
      </TileFrame>
    )
  const result = results.get(saved.id)
  return (
    <TileFrame
      title={saved.name}
      description={saved.description}
      actions={<TileActions saved={saved} isLoading={result?.isFetching ?? false} onLoad={() => onLoad(saved)} />}
    >
      <QueryTile saved={saved} result={result} members={members} height={roomIn(tile)} onLoad={() => onLoad(saved)} />
    </TileFrame>
  )
}

function TileActions({ saved, isLoading, onLoad }: { saved: SavedQuery; isLoading: boolean; onLoad: () => void }) {
  return (
    <>
      {!saved.broken && (
        <Tooltip label="Refresh this tile">
          <ActionIcon
            variant="subtle"
            color="gray"
            aria-label={`Refresh ${saved.name}`}
            loading={isLoading}
            onClick={onLoad}
          >
            <IconRefresh size={16} />
          </ActionIcon>
        </Tooltip>
      )}
      <Tooltip label="Open in Explore">
        <ActionIcon
          variant="subtle"
          color="gray"
          component={Link}
          to={exploreAddress(saved)}
          aria-label={`Open ${saved.name} in Explore`}
        >
          <IconSearch size={16} />
        </ActionIcon>
      </Tooltip>
    </>
  )
}
