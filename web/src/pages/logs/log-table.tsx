import { Text } from '@mantine/core'
import { useMemo } from 'react'
import { DataTable, type Column } from '../../components/data-table'
import { formatDuration, formatInstant, formatInteger } from '../../components/format'
import { Caller } from './caller'
import { useUserNames, type LogEntry, type UserNames } from './queries'
import { StatusBadge } from './statuses'

export function LogTable({ lines }: { lines: LogEntry[] }) {
  const names = useUserNames(lines.flatMap(({ userId }) => userId ?? []))
  const columns = useMemo(() => columnsWith(names), [names])
  return <DataTable label="Requests" columns={columns} rows={lines} rowKey={({ id }) => id} minWidth={860} />
}

function columnsWith(names: UserNames): Column<LogEntry>[] {
  return [
    {
      title: 'Time',
      render: ({ timestamp }) => (
        <Text size="sm" className="unbroken figures">
          {formatInstant(timestamp)}
        </Text>
      ),
    },
    { title: 'User', render: (line) => <Caller line={line} names={names} /> },
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
        <Text size="sm" className="unbroken">
          {ip}
        </Text>
      ),
    },
  ]
}
