import { Button, Group } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { ConfirmDialog } from '../../../components/confirm-dialog'
import { ProblemAlert } from '../../../components/problem-alert'
import { useEnableSource, useRemoveSource, useRunSource, type Source } from './sources'

/** A look at once, a pause, the end of it. */
export function SourceActions({ source }: { source: Source }) {
  const [opened, dialog] = useDisclosure(false)
  const run = useRunSource(source)
  const enable = useEnableSource(source)
  const remove = useRemoveSource(source)
  const error = run.error ?? enable.error
  return (
    <>
      <Group gap={4} wrap="nowrap">
        <Button
          size="compact-xs"
          variant="default"
          aria-label={`Look now at ${source.name}`}
          disabled={source.isRunning}
          loading={run.isPending}
          onClick={() => run.mutate(undefined)}
        >
          Look now
        </Button>
        <Button
          size="compact-xs"
          variant="default"
          aria-label={`${source.isEnabled ? 'Pause' : 'Resume'} ${source.name}`}
          loading={enable.isPending}
          onClick={() => enable.mutate(!source.isEnabled)}
        >
          {source.isEnabled ? 'Pause' : 'Resume'}
        </Button>
        <Button size="compact-xs" variant="default" aria-label={`Delete ${source.name}`} onClick={dialog.open}>
          Delete
        </Button>
      </Group>
      {error && <ProblemAlert error={error} />}
      <ConfirmDialog
        opened={opened}
        title={`Delete ${source.name}?`}
        confirmLabel="Delete the source"
        pending={remove.isPending}
        error={remove.error}
        onConfirm={() => remove.mutate(undefined, { onSuccess: dialog.close })}
        onClose={dialog.close}
      >
        Nothing is pulled from it any more. What was loaded stays.
      </ConfirmDialog>
    </>
  )
}
