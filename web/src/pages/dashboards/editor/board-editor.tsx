import { Button, Group, Select } from '@mantine/core'
import { IconChartBar, IconTextSize } from '@tabler/icons-react'
import { useState } from 'react'
import { Navigate, useNavigate, useParams } from 'react-router'
import { request } from '../../../api/http'
import { useBoardChange, type Board } from '../../../boards/boards'
import { ShareableFields } from '../../../boards/shareable-fields'
import { EmptyState } from '../../../components/empty-state'
import { Page } from '../../../components/page'
import { ProblemAlert } from '../../../components/problem-alert'
import { Section } from '../../../components/section'
import { everyText, INTERVALS } from '../intervals'
import { LoadedBoard } from '../loaded-board'
import { AddQueryDialog } from './add-query-dialog'
import { bodyOf, draftOf, EMPTY_DRAFT, withQuery, withText, type BoardDraft } from './board-draft'
import { EditGrid } from './edit-grid'
import { HiddenFromOthers } from './hidden-from-others'

/** Makes a dashboard, or changes one. */
export default function BoardEditor() {
  const { id } = useParams()
  if (id === undefined) return <Editor />
  return (
    <LoadedBoard id={id}>
      {(board) => (board.mayChange ? <Editor board={board} /> : <Navigate to={`/dashboards/${id}`} replace />)}
    </LoadedBoard>
  )
}

function Editor({ board }: { board?: Board }) {
  const navigate = useNavigate()
  const [draft, setDraft] = useState<BoardDraft>(() => (board ? draftOf(board) : EMPTY_DRAFT))
  // Of the moment at which editing began: what others do meanwhile must not be overwritten.
  const [revision] = useState(board?.revision)
  const [isAdding, setAdding] = useState(false)
  const edit = (changes: Partial<BoardDraft>) => setDraft((known) => ({ ...known, ...changes }))
  const save = useBoardChange(
    () =>
      board
        ? request('PUT /v1/boards/{id}', {
            path: { id: board.id },
            body: { ...bodyOf(draft), revision: revision! },
          })
        : request('POST /v1/boards', { body: bodyOf(draft) }),
    (saved) => void navigate(`/dashboards/${saved.id}`),
  )
  const isComplete = draft.name.trim() !== '' && draft.tiles.every(({ text }) => text !== '')
  return (
    <Page
      title={board ? `Edit ${board.name}` : 'New dashboard'}
      actions={
        <>
          <Button variant="default" onClick={() => void navigate(board ? `/dashboards/${board.id}` : '/dashboards')}>
            Cancel
          </Button>
          <Button loading={save.isPending} disabled={!isComplete} onClick={() => save.mutate(undefined)}>
            Save
          </Button>
        </>
      }
    >
      {save.error && <ProblemAlert error={save.error} />}
      <Section title="Settings">
        <ShareableFields value={draft} onEdit={edit} />
        <Select
          label="Refresh"
          description="Each time is paid by whoever looks at it and has switched it on"
          data={choicesWith(draft.refreshSeconds)}
          allowDeselect={false}
          maw={320}
          value={String(draft.refreshSeconds ?? '')}
          onChange={(value) => edit({ refreshSeconds: value ? Number(value) : null })}
        />
      </Section>
      <HiddenFromOthers draft={draft} onShared={(tiles) => edit({ tiles })} />
      <Group gap="sm">
        <Button variant="default" leftSection={<IconChartBar size={16} />} onClick={() => setAdding(true)}>
          Add saved query
        </Button>
        <Button
          variant="default"
          leftSection={<IconTextSize size={16} />}
          onClick={() => edit({ tiles: withText(draft.tiles) })}
        >
          Add text
        </Button>
      </Group>
      {draft.tiles.length === 0 ? (
        <EmptyState title="Nothing on it yet">
          Add saved queries and texts; then move them to where they belong.
        </EmptyState>
      ) : (
        <EditGrid tiles={draft.tiles} onChange={(tiles) => edit({ tiles })} />
      )}
      {isAdding && (
        <AddQueryDialog
          onAdd={(saved) => edit({ tiles: withQuery(draft.tiles, saved) })}
          onClose={() => setAdding(false)}
        />
      )}
    </Page>
  )
}

/** An interval that the API set is one of the choices. */
function choicesWith(seconds: number | null): { value: string; label: string }[] {
  const all = [...new Set([...INTERVALS, ...(seconds === null ? [] : [seconds])])].sort((a, b) => a - b)
  return [
    { value: '', label: 'Only when somebody asks' },
    ...all.map((each) => ({ value: String(each), label: everyText(each) })),
  ]
}
