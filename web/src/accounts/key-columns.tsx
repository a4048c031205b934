import { Code } from '@mantine/core'
import type { Column } from '../components/data-table'
import { formatAgo, formatInstant, formatInteger } from '../components/format'
import { StatusBadge } from './status-badge'
import type { Key } from './types'

/** What is shown of a key wherever keys are listed. */
export const KEY_COLUMNS: Column<Key>[] = [
  { title: 'Key', render: ({ prefix }) => <Code>{prefix}…</Code> },
  { title: 'Name', render: ({ name }) => <span className="breakable">{name ?? '—'}</span> },
  { title: 'Status', render: ({ status }) => <StatusBadge status={status} /> },
  { title: 'Credit limit', render: limitText },
  { title: 'Expires', render: ({ expiresAt }) => (expiresAt ? formatInstant(expiresAt) : 'never') },
  { title: 'Last used', render: ({ lastUsedAt }) => (lastUsedAt ? formatAgo(lastUsedAt) : 'never') },
]

/** `12 of 50 a day` */
function limitText({ creditLimit, creditUsage }: Key): string {
  if (!creditLimit || !creditUsage) return 'none'
  const period = creditLimit.every === 'total' ? 'in total' : `a ${creditLimit.every}`
  return `${formatInteger(creditUsage.used)} of ${formatInteger(creditLimit.credits)} ${period}`
}
