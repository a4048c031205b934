import { Button, Group, Stack, Text } from '@mantine/core'
import { useMemo, type ReactNode } from 'react'
import { ApiProblem, type Schemas } from '../../api/http'
import type { SavedQuery } from '../../boards/boards'
import { formatInteger } from '../../components/format'
import { Placeholder } from '../../components/placeholder'
import { Result } from '../../results/result'
import { isCutUnseen, resultOf } from '../../results/result-data'
import type { TileResult } from './use-tile-results'

type Members = Schemas['DatasetMember'][]

interface QueryTileProps {
  saved: SavedQuery
  result: TileResult | undefined
  members: Members
  /** pixels of a chart */
  height: number
  onLoad: () => void
}

/** The result of a saved query by its view, or why there is none. */
export function QueryTile({ saved, result, members, height, onLoad }: QueryTileProps) {
  if (saved.broken) return <Trouble title="This query does not fit the data any more" text={saved.broken} />
  if (result?.isFetching && !result.data) return <Placeholder height={height} />
  if (result?.isError) return <Failure error={result.error} onRetry={onLoad} />
  if (!result?.data)
    return (
      <Group gap="xs">
        <Text size="sm" c="dimmed">
          Not loaded yet.
        </Text>
        <Button size="compact-sm" variant="default" onClick={onLoad}>
          Load this tile
        </Button>
      </Group>
    )
  return <Shown saved={saved} response={result.data} members={members} height={height} />
}

interface ShownProps extends Pick<QueryTileProps, 'saved' | 'members' | 'height'> {
  response: Schemas['QueryResponse']
}

function Shown({ saved, response, members, height }: ShownProps) {
  const { query, view } = saved
  const result = useMemo(
    () => resultOf(query as unknown as Schemas['QueryRequest'], response, members),
    [query, response, members],
  )
  return (
    <>
      <Result view={view} result={result} height={height} />
      {isCutUnseen(result) && (
        <Text size="xs" c="dimmed">
          Only the first {formatInteger(result.rows.length)} rows: the query has a limit, and others are left out.
        </Text>
      )}
    </>
  )
}

/** A tile whose saved query the user does not see. */
export function HiddenTile() {
  return (
    <Trouble
      title="Not available to you"
      text="Its saved query is private, or about data that this account may not query. Ask whoever made the dashboard to share it."
    />
  )
}

function Failure({ error, onRetry }: { error: Error; onRetry: () => void }) {
  const title = error instanceof ApiProblem ? error.title : 'Something went wrong'
  return (
    <Trouble title={title} text={error.message} isAlert>
      <Button size="compact-sm" variant="default" onClick={onRetry}>
        Try again
      </Button>
    </Trouble>
  )
}

interface TroubleProps {
  title: string
  text: string
  isAlert?: boolean
  children?: ReactNode
}

function Trouble({ title, text, isAlert, children }: TroubleProps) {
  return (
    <Stack gap={4} align="flex-start" role={isAlert ? 'alert' : undefined}>
      <Text size="sm" fw={600} className="board-trouble">
        {title}
      </Text>
      <Text size="sm" className="breakable">
        {text}
      </Text>
      {children}
    </Stack>
  )
}
