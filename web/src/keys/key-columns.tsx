import { Code, Text } from '@mantine/core'
import type { Key } from '../accounts/types'
import { StatusBadge } from '../accounts/status-badge'
import type { Column } from '../components/data-table'
import { formatAgo, formatInstant, formatInteger } from '../components/format'

/** What is shown of a key wherever keys are listed. */
export const KEY_COLUMNS: Column<Key>[] = [
  {
    title: 'Key',
    render: ({ name, prefix }) => (
      <>
        {name && (
          <Text size="sm" className="breakable">
            {name}
          </Text>
        )}
        <Code>{prefix}…</Code>
      </>
    ),
  },
  { title: 'Status', render: ({ status }) => <StatusBadge status={status} /> },
  { title: 'Credit limit', render: limitText },
  {
    title: 'Queries a minute',
    render: ({ rateLimitPerMinute }) =>
      rateLimitPerMinute === null ? 'as the user' : formatInteger(rateLimitPerMinute),
  },
  { title: 'Networks', render: networksText },
  { title: 'Expires', render: ({ expiresAt }) => timeText(expiresAt, formatInstant) },
  { title: 'Last used', render: ({ lastUsedAt }) => timeText(lastUsedAt, formatAgo) },
]

/** After a rotation there are two keys of one name. */
export function nameOfKey({ name, prefix }: Pick<Key, 'name' | 'prefix'>): string {
  return name ? `${name} (${prefix}…)` : `${prefix}…`
}

/** `12 of 50 a day` */
function limitText({ creditLimit, creditUsage }: Key): string {
  if (!creditLimit || !creditUsage) return 'none'
  return `${formatInteger(creditUsage.used)} of ${formatInteger(creditLimit.credits)} ${periodOf(creditLimit)}`
}

export function periodOf({ every }: NonNullable<Key['creditLimit']>): string {
  return every === 'total' ? 'in total' : `a ${every}`
}

function networksText({ allowedCidrs }: Key) {
  if (allowedCidrs === null) return 'any'
  return (
    <Text size="sm" className="breakable" title={allowedCidrs.join(', ')}>
      {allowedCidrs.slice(0, 2).join(', ')}
      {allowedCidrs.length > 2 && ` and ${allowedCidrs.length - 2} more`}
    </Text>
  )
}

function timeText(time: string | null, format: (time: string) => string) {
  return time === null ? (
    'never'
  ) : (
    <span title={formatInstant(time)} className="unbroken">
      {format(time)}
    </span>
  )
}
