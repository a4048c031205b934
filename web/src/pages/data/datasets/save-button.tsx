import { Button, Group, Text } from '@mantine/core'
import type { UseMutationResult } from '@tanstack/react-query'
import { ProblemAlert } from '../../../components/problem-alert'

interface SaveButtonProps<Variables> {
  update: UseMutationResult<unknown, Error, Variables>
  /** what is wrong stands beside the fields */
  hasPlaces: boolean
  onSave: () => void
}

export function SaveButton<Variables>({ update, hasPlaces, onSave }: SaveButtonProps<Variables>) {
  return (
    <>
      {update.error && !hasPlaces && <ProblemAlert error={update.error} />}
      <Group justify="flex-end" gap="sm">
        {update.isSuccess && (
          <Text size="sm" c="dimmed" role="status">
            Saved
          </Text>
        )}
        <Button onClick={onSave} loading={update.isPending}>
          Save
        </Button>
      </Group>
    </>
  )
}
