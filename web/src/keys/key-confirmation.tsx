import { ConfirmDialog } from '../components/confirm-dialog'
import type { Key } from '../accounts/types'
import { nameOfKey } from './key-columns'

export const OVERLAP_SECONDS = 3600

/** What happens to a key for good. */
export interface KeyEnd {
  key: Key
  action: 'rotate' | 'revoke'
}

interface KeyConfirmationProps {
  chosen: KeyEnd | undefined
  pending: boolean
  error: Error | null
  onConfirm: () => void
  onClose: () => void
}

export function KeyConfirmation({ chosen, ...dialog }: KeyConfirmationProps) {
  const isRevoking = chosen?.action === 'revoke'
  const verb = isRevoking ? 'Revoke' : 'Rotate'
  return (
    <ConfirmDialog
      opened={chosen !== undefined}
      title={`${verb} ${chosen ? nameOfKey(chosen.key) : ''}?`}
      confirmLabel={verb}
      isDestructive={isRevoking}
      {...dialog}
    >
      {isRevoking
        ? 'It stops working everywhere within a second, for good.'
        : 'A new key takes its place. The old one goes on working for an hour, so that programs can be moved.'}
    </ConfirmDialog>
  )
}
