import { Badge } from '@mantine/core'
import type { Key, User } from './types'

const COLORS: Record<Key['status'] | User['status'], string> = {
  active: 'teal',
  disabled: 'gray',
  expired: 'orange',
  revoked: 'red',
}

export function StatusBadge({ status }: { status: keyof typeof COLORS }) {
  return (
    <Badge variant="light" color={COLORS[status]} tt="none">
      {status}
    </Badge>
  )
}
