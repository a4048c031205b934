import { Code } from '@mantine/core'
import type { Column } from '../components/data-table'
import { formatAgo, formatInstant } from '../components/format'
import { StatusBadge } from './status-badge'
import type { Key } from './types'

/** What is shown of a key wherever keys are listed. */
export const KEY_COLUMNS: Column<Key>[] = [
  { title: 'Key', render: ({ prefix }) => <Code>{prefix}…</Code> },
  { title: 'Name', render: ({ name }) => <span className="breakable">{name ?? '—'}</span> },
  { title: 'Status', render: ({ status }) => <StatusBadge status={status} /> },
  { title: 'Expires', render: ({ expiresAt }) => (expiresAt ? formatInstant(expiresAt) : 'never') },
  { title: 'Last used', render: ({ lastUsedAt }) => (lastUsedAt ? formatAgo(lastUsedAt) : 'never') },
]
