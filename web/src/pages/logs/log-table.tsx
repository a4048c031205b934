import { Anchor, Text } from '@mantine/core'
import { useMemo } from 'react'
import { Link } from 'react-router'
import { DataTable, type Column } from '../../components/data-table'
import { formatDuration, formatInstant, formatInteger } from '../../components/format'
import { useUserNames, type LogEntry } from './queries'
import { StatusBadge } from './statuses'

export function LogTable({ lines }: { lines: LogEntry[] }) {
  const names = useUserNames(lines.flatMap(({ userId }) => userId ?? []))
  const columns = useMemo(() => columnsWith(names), [names])
  return <DataTable label="Requests" columns={columns} rows={lines} rowKey={({ id }) => id} minWidth={860} />
}

function columnsWith(names: ReadonlyMap<string, string>): Column<LogEntry>[] {
  return [
    {
      title: 'Time',
      render: ({ timestamp }) => (
        <Text size="sm" className="unbroken figures">
          {formatInstant(timestamp)}
        </Text>
      ),
    },
    { title: 'User', render: ({ userId }) => <User id={userId} name={userId ? names.get(userId) : undefined} /> },
    {
      title: 'Request',
      render: ({ method, endpoint, requestId }) => (
        <>
          <Text size="sm" className="breakable">
            {method} {endpoint}
          </Text>
          <Text size="xs" c="dimmed" ff="monospace" className="unbroken">
            {requestId}
          </Text>
        </>
      ),
    },
    { title: 'Status', render: ({ status }) => <StatusBadge status={status} /> },
    { title: 'Took', numeric: true, render: ({ durationMs }) => formatDuration(durationMs) },
    { title: 'Credits', numeric: true, render: ({ creditsCharged }) => formatInteger(creditsCharged) },
    {
      title: 'Address',
      render: ({ ip }) => (
        <Text size="sm" className="breakable">
          {ip}
        </Text>
      ),
    },
  ]
}

/** Without an account: the root key, or somebody who could not be told. */
function User({ id, name }: { id: string | null; name: string | undefined }) {
  if (id === null) {
    return (
      <Text size="sm" c="dimmed" className="unbroken" title="The root key, or nobody who could be told">
        no account
      </Text>
    )
  }
  return (
    <Anchor component={Link} to={`/users/${id}`} size="sm" title={id} className="breakable">
      {name ?? `…${id.slice(-8)}`}
    </Anchor>
  )
}
