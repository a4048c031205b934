import { Button } from '@mantine/core'
import type { ReactNode } from 'react'
import { Link } from 'react-router'
import { ApiProblem } from '../../api/http'
import { useBoard, type Board } from '../../boards/boards'
import { EmptyState } from '../../components/empty-state'
import { Loaded } from '../../components/loaded'
import { Page } from '../../components/page'

/** A dashboard by its link, which may be one that the user does not see. */
export function LoadedBoard({ id, children }: { id: string; children: (board: Board) => ReactNode }) {
  const board = useBoard(id)
  if (board.error instanceof ApiProblem && board.error.status === 404) return <NoBoard />
  return <Loaded query={board}>{children}</Loaded>
}

/** Whether it exists is told to nobody who does not see it. */
function NoBoard() {
  return (
    <Page title="Dashboard">
      <EmptyState
        title="This dashboard is not available to you"
        action={
          <Button component={Link} to="/dashboards" variant="default">
            See your dashboards
          </Button>
        }
      >
        It was deleted, or it is not shared with you. Ask whoever gave you the link to share it.
      </EmptyState>
    </Page>
  )
}
