import { Checkbox, Stack, Text } from '@mantine/core'
import { useState } from 'react'
import { ApiProblem, request } from '../api/http'
import { ConfirmDialog } from '../components/confirm-dialog'
import { useBoardChange, type BoardSummary, type SavedQuery } from './boards'

interface DeleteDialogProps<T> {
  item: T
  onClose: () => void
  onDeleted?: () => void
}

/** One that is on dashboards goes with its tiles only when that is wanted. */
export function DeleteSavedQueryDialog({ item, onClose, onDeleted }: DeleteDialogProps<SavedQuery>) {
  const [isForced, setForced] = useState(false)
  const remove = useBoardChange(
    () => request('DELETE /v1/saved-queries/{id}', { path: { id: item.id }, query: { force: isForced } }),
    () => {
      onDeleted?.()
      onClose()
    },
  )
  const isUsed = remove.error instanceof ApiProblem && remove.error.status === 409
  return (
    <ConfirmDialog
      opened
      title={`Delete ${item.name}`}
      confirmLabel="Delete"
      pending={remove.isPending}
      error={remove.error}
      onConfirm={() => remove.mutate(undefined)}
      onClose={onClose}
    >
      <Stack>
        <Text size="sm">The query is deleted, for everybody who sees it. Its data stay.</Text>
        {isUsed && (
          <Checkbox
            label="Remove it from these dashboards as well"
            checked={isForced}
            onChange={(event) => setForced(event.currentTarget.checked)}
          />
        )}
      </Stack>
    </ConfirmDialog>
  )
}

export function DeleteBoardDialog({ item, onClose, onDeleted }: DeleteDialogProps<BoardSummary>) {
  const remove = useBoardChange(
    () => request('DELETE /v1/boards/{id}', { path: { id: item.id } }),
    () => {
      onDeleted?.()
      onClose()
    },
  )
  return (
    <ConfirmDialog
      opened
      title={`Delete ${item.name}`}
      confirmLabel="Delete"
      pending={remove.isPending}
      error={remove.error}
      onConfirm={() => remove.mutate(undefined)}
      onClose={onClose}
    >
      <Text size="sm">The dashboard is deleted, for everybody who sees it. Its saved queries stay.</Text>
    </ConfirmDialog>
  )
}
