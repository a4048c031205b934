import { Modal } from '@mantine/core'
import type { UseMutationResult } from '@tanstack/react-query'
import type { AccessPolicy } from '../accounts/types'
import { AccessEditor } from './access-editor'
import type { PolicyOwner } from './access-text'

interface AccessDialogProps {
  title: string
  access: AccessPolicy | null
  of: PolicyOwner
  save: Pick<UseMutationResult<unknown, Error, AccessPolicy | null>, 'isPending' | 'error' | 'mutate'>
  onClose: () => void
}

/** The policy of one of a list. */
export function AccessDialog({ title, access, of, save, onClose }: AccessDialogProps) {
  return (
    <Modal opened onClose={onClose} title={title} size="xl">
      <AccessEditor
        access={access}
        of={of}
        pending={save.isPending}
        error={save.error}
        isSaved={false}
        onSave={(changed) => save.mutate(changed)}
      />
    </Modal>
  )
}
