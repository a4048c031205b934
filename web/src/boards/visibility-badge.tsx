import { Badge } from '@mantine/core'
import type { Visibility } from './boards'

export function VisibilityBadge({ visibility }: { visibility: Visibility }) {
  return (
    <Badge variant="light" color={visibility === 'shared' ? 'harbor' : 'gray'}>
      {visibility}
    </Badge>
  )
}
