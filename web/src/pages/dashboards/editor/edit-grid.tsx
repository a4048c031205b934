import 'react-grid-layout/css/styles.css'
import { useMediaQuery } from '@mantine/hooks'
import { getNonce } from 'get-nonce'
import GridLayout, { useContainerWidth } from 'react-grid-layout'
import { COLUMNS, GAP, inReadingOrder, placeOf, ROW_HEIGHT } from '../grid'
import { placed, type DraftTile } from './board-draft'
import { EditTile } from './edit-tile'
import { moved, type Move } from './moves'

// The library's style element would be refused without it.
Object.assign(globalThis, { __webpack_nonce__: getNonce() })

interface EditGridProps {
  tiles: DraftTile[]
  onChange: (tiles: DraftTile[]) => void
}

/** The tiles to be moved and sized: by the mouse on the grid, by the keyboard and a menu on any page. */
export function EditGrid(props: EditGridProps) {
  const isWide = useMediaQuery('(min-width: 62em)', true, { getInitialValueInEffect: false })
  return isWide ? <WideGrid {...props} /> : <NarrowGrid {...props} />
}

function WideGrid({ tiles, onChange }: EditGridProps) {
  const { width, containerRef, mounted } = useContainerWidth({ measureBeforeMount: true })
  const layout = tiles.map(({ key, x, y, w, h }) => ({ i: key, x, y, w, h }))
  return (
    <div ref={containerRef}>
      {mounted && (
        <GridLayout
          width={width}
          layout={layout}
          gridConfig={{ cols: COLUMNS, rowHeight: ROW_HEIGHT, margin: [GAP, GAP], containerPadding: [0, 0] }}
          dragConfig={{ handle: '.board-handle' }}
          onDragStop={(next) => onChange(placed(tiles, next))}
          onResizeStop={(next) => onChange(placed(tiles, next))}
        >
          {inReadingOrder(tiles).map((tile) => (
            <div key={tile.key}>
              <TileToEdit tile={tile} tiles={tiles} onChange={onChange} />
            </div>
          ))}
        </GridLayout>
      )}
    </div>
  )
}

function NarrowGrid({ tiles, onChange }: EditGridProps) {
  return (
    <div className="board-grid">
      {inReadingOrder(tiles).map((tile) => (
        <div key={tile.key} className="board-tile" style={placeOf(tile)}>
          <TileToEdit tile={tile} tiles={tiles} onChange={onChange} />
        </div>
      ))}
    </div>
  )
}

function TileToEdit({ tile, tiles, onChange }: EditGridProps & { tile: DraftTile }) {
  return (
    <EditTile
      tile={tile}
      onMove={(move: Move) => onChange(moved(tiles, tile.key, move))}
      onText={(text) => onChange(tiles.map((each) => (each.key === tile.key ? { ...each, text } : each)))}
      onRemove={() => onChange(tiles.filter(({ key }) => key !== tile.key))}
    />
  )
}
