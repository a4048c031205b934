import { useFullscreenElement } from '@mantine/hooks'
import { useEffect } from 'react'
import { useParams } from 'react-router'
import type { Board } from '../../boards/boards'
import { EmptyState } from '../../components/empty-state'
import { Page } from '../../components/page'
import { useCurrentSession } from '../../session/session-context'
import { BoardActions } from './board-actions'
import { BoardGrid } from './board-grid'
import { LoadedBoard } from './loaded-board'
import { RefreshBar } from './refresh-bar'
import { queriesOf, useTileResults, useTotalCost } from './use-tile-results'

/** One dashboard. What it shows is paid by whoever looks at it, so nothing is loaded before that is wanted. */
export function BoardView() {
  const { id = '' } = useParams()
  return <LoadedBoard id={id}>{(board) => <Shown key={board.id} board={board} />}</LoadedBoard>
}

function Shown({ board }: { board: Board }) {
  const { userId } = useCurrentSession()
  const queries = queriesOf(board)
  const results = useTileResults(queries)
  const cost = useTotalCost(queries)
  const { ref: screen, toggle: toggleFullscreen } = useFullscreenElement<HTMLDivElement>()
  const isFree = userId === null
  const { load } = results
  const isWaiting = isFree && queries.length > 0 && results.loadedAt === undefined
  useEffect(() => {
    if (isWaiting) load()
    // eslint-disable-next-line react-hooks/exhaustive-deps -- once for each revision
  }, [board.revision])
  return (
    <Page
      title={board.name}
      description={board.description}
      actions={<BoardActions board={board} onFullscreen={() => void toggleFullscreen()} />}
    >
      {board.tiles.length === 0 ? (
        <EmptyState title="This dashboard is empty">
          {board.mayChange && 'Choose Edit to put saved queries and texts on it.'}
        </EmptyState>
      ) : (
        <>
          {queries.length > 0 && <RefreshBar board={board} results={results} cost={cost} />}
          <div ref={screen} className="board-screen">
            <BoardGrid tiles={board.tiles} results={results.byId} onLoad={(saved) => load([saved])} />
          </div>
        </>
      )}
    </Page>
  )
}
