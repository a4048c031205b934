import { Button, Group, Modal, Stack, Text } from '@mantine/core'
import { useState, type FormEvent } from 'react'
import { CreditLimitFields, limitOf, NO_LIMIT } from '../../accounts/credit-limit-fields'
import type { Key } from '../../accounts/types'
import { request } from '../../api/http'
import { ProblemAlert } from '../../components/problem-alert'
import { useAccountChange } from './use-account-change'

interface CreditLimitDialogProps {
  userId: string
  target: Key
  onClose: () => void
}

/** Sets or takes away what a key may spend. */
export function CreditLimitDialog({ userId, target, onClose }: CreditLimitDialogProps) {
  const [limit, setLimit] = useState(target.creditLimit ?? NO_LIMIT)
  const save = useAccountChange(
    () =>
      request('PATCH /v1/admin/users/{id}/keys/{keyId}', {
        path: { id: userId, keyId: target.id },
        body: { creditLimit: limitOf(limit) },
      }),
    onClose,
  )
  const submit = (event: FormEvent) => {
    event.preventDefault()
    save.mutate(undefined)
  }
  return (
    <Modal opened onClose={onClose} title={`Credit limit of ${target.name ?? `${target.prefix}…`}`}>
      <form onSubmit={submit}>
        <Stack>
          <Text size="sm">What the key may spend of the account&apos;s credits. Empty: all of them.</Text>
          <Group align="flex-end">
            <CreditLimitFields limit={limit} onChange={setLimit} />
          </Group>
          {save.error && <ProblemAlert error={save.error} />}
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button type="submit" loading={save.isPending}>
              Save
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  )
}
