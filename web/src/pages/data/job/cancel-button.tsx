import { Button } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { ConfirmDialog } from '../../../components/confirm-dialog'
import { nameOf, useCancelIngestion, type Ingestion } from '../ingestions'

export function CancelButton({ job }: { job: Ingestion }) {
  const [opened, dialog] = useDisclosure(false)
  const cancel = useCancelIngestion(job.id)
  return (
    <>
      <Button variant="default" onClick={dialog.open}>
        Cancel the load
      </Button>
      <ConfirmDialog
        opened={opened}
        title={`Cancel the load of ${nameOf(job)}?`}
        confirmLabel="Stop loading"
        pending={cancel.isPending}
        error={cancel.error}
        onConfirm={() => cancel.mutate(undefined, { onSuccess: dialog.close })}
        onClose={dialog.close}
      >
        Nothing of the file becomes visible. It may be loaded again later.
      </ConfirmDialog>
    </>
  )
}
