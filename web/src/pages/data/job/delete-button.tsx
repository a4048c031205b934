import { Button, List, Text } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { notifications } from '@mantine/notifications'
import { IconTrash } from '@tabler/icons-react'
import { ConfirmDialog } from '../../../components/confirm-dialog'
import { formatInteger } from '../../../components/format'
import { nameOf, useDeleteIngestion, type Ingestion } from '../ingestions'

export function DeleteButton({ job }: { job: Ingestion }) {
  const [opened, dialog] = useDisclosure(false)
  const deletion = useDeleteIngestion(job.id)
  const confirm = () =>
    deletion.mutate(undefined, {
      onSuccess: ({ message }) => {
        dialog.close()
        notifications.show({ title: 'Deleted', message })
      },
    })
  return (
    <>
      <Button variant="light" color="red" leftSection={<IconTrash size={16} />} onClick={dialog.open}>
        Delete
      </Button>
      <ConfirmDialog
        opened={opened}
        title={`Delete the load of ${nameOf(job)}?`}
        confirmLabel="Delete the load"
        pending={deletion.isPending}
        error={deletion.error}
        onConfirm={confirm}
        onClose={dialog.close}
      >
        <Consequences job={job} />
      </ConfirmDialog>
    </>
  )
}

function Consequences({ job: { status, dataset, rowsAccepted } }: { job: Ingestion }) {
  if (status !== 'succeeded') {
    return (
      <Text size="sm">
        It left no rows behind. It stays in the history, marked as deleted, and the file may be loaded again.
      </Text>
    )
  }
  return (
    <List size="sm" spacing="xs">
      <List.Item>
        The rows that came with it ({formatInteger(rowsAccepted)} were accepted) are taken out of {dataset}.
      </List.Item>
      <List.Item>Rows that a later load has replaced stay as that load left them.</List.Item>
      <List.Item>Rows that this load had replaced do not come back.</List.Item>
      <List.Item>The load stays in the history, marked as deleted, and the same file may be loaded again.</List.Item>
    </List>
  )
}
