import { Alert, Button, Stack, Text } from '@mantine/core'
import { request } from '../../../api/http'
import { useBoardChange, type SavedQuery } from '../../../boards/boards'
import { ProblemAlert } from '../../../components/problem-alert'
import type { BoardDraft, DraftTile } from './board-draft'

/** A shared dashboard with private queries: others do not see them, unless they are shared too. */
export function HiddenFromOthers({ draft, onShared }: { draft: BoardDraft; onShared: (tiles: DraftTile[]) => void }) {
  const hidden = privateQueriesOf(draft)
  const share = useBoardChange(
    async () => Promise.all(hidden.map(shared)),
    (changed) => onShared(draft.tiles.map((tile) => withChanged(tile, changed))),
  )
  if (draft.visibility === 'private' || hidden.length === 0) return null
  return (
    <Alert color="yellow" variant="light" title="Others will not see all tiles">
      <Stack gap="xs" align="flex-start">
        <Text size="sm">These saved queries are private: {hidden.map(({ name }) => name).join(', ')}.</Text>
        {share.error && <ProblemAlert error={share.error} />}
        {hidden.every(({ mayChange }) => mayChange) && (
          <Button size="xs" variant="default" loading={share.isPending} onClick={() => share.mutate(undefined)}>
            Share them as well
          </Button>
        )}
      </Stack>
    </Alert>
  )
}

function privateQueriesOf({ tiles }: BoardDraft): SavedQuery[] {
  const all = tiles.flatMap(({ savedQuery }) => (savedQuery?.visibility === 'private' ? savedQuery : []))
  return [...new Map(all.map((each) => [each.id, each])).values()]
}

function shared({ id, name, description, query, view, revision }: SavedQuery): Promise<SavedQuery> {
  const body = { name, description, query, view, revision, visibility: 'shared' as const }
  return request('PUT /v1/saved-queries/{id}', { path: { id }, body })
}

function withChanged(tile: DraftTile, changed: SavedQuery[]): DraftTile {
  return { ...tile, savedQuery: changed.find(({ id }) => id === tile.savedQueryId) ?? tile.savedQuery }
}
