import { Badge, type MantineColor } from '@mantine/core'
import type { Ingestion, IngestionStatus } from './ingestions'

const LOOKS: Record<IngestionStatus, { label: string; color: MantineColor }> = {
  queued: { label: 'Waiting', color: 'gray' },
  running: { label: 'Loading', color: 'blue' },
  succeeded: { label: 'Loaded', color: 'green' },
  failed: { label: 'Failed', color: 'red' },
  canceled: { label: 'Canceled', color: 'gray' },
}

export function labelOfStatus(status: IngestionStatus): string {
  return LOOKS[status].label
}

export function IngestionBadge({ job: { status, deletedAt } }: { job: Ingestion }) {
  const { label, color } = deletedAt ? { label: 'Deleted', color: 'gray' } : LOOKS[status]
  return (
    <Badge variant="light" color={color} tt="none" autoContrast={false}>
      {label}
    </Badge>
  )
}
