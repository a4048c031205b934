import { Button, Group, Modal, Stack } from '@mantine/core'
import { useState, type FormEvent } from 'react'
import { request, type Schemas } from '../api/http'
import { ProblemAlert } from '../components/problem-alert'
import { useBoardChange, type SavedQuery, type ShareableDraft } from './boards'
import { ShareableFields } from './shareable-fields'

interface SaveQueryDialogProps {
  query: object
  view?: Schemas['ResultView']
  /** the one that is changed; a new one is made where it is left out */
  saved?: SavedQuery
  onClose: () => void
  onSaved?: (saved: SavedQuery) => void
}

/** Saves a query with its view under a name, or changes a saved one. */
export function SaveQueryDialog({ query, view, saved, onClose, onSaved }: SaveQueryDialogProps) {
  const [draft, setDraft] = useState<ShareableDraft>({
    name: saved?.name ?? '',
    description: saved?.description ?? '',
    visibility: saved?.visibility ?? 'private',
  })
  const save = useBoardChange(
    () => {
      const body = { ...draft, query: query as Schemas['SavedQueryBody']['query'], view }
      return saved
        ? request('PUT /v1/saved-queries/{id}', { path: { id: saved.id }, body: { ...body, revision: saved.revision } })
        : request('POST /v1/saved-queries', { body })
    },
    (response) => {
      onSaved?.(response)
      onClose()
    },
  )
  const submit = (event: FormEvent) => {
    event.preventDefault()
    save.mutate(undefined)
  }
  return (
    <Modal opened onClose={onClose} title={saved ? `Change ${saved.name}` : 'Save query'}>
      <form onSubmit={submit}>
        <Stack>
          <ShareableFields value={draft} onEdit={(changes) => setDraft({ ...draft, ...changes })} />
          {save.error && <ProblemAlert error={save.error} />}
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button type="submit" loading={save.isPending} disabled={!draft.name.trim()}>
              Save
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  )
}
