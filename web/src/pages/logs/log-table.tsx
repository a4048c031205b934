import { Anchor, Text } from '@mantine/core'
import { useMemo, useState } from 'react'
import { useUserNames, type UserNames } from '../../accounts/user-names'
import { DataTable, type Column } from '../../components/data-table'
import { formatDuration, formatInstant, formatInteger } from '../../components/format'
import { Caller } from './caller'
import { LogDetails } from './log-details'
import type { LogEntry } from './queries'
import { StatusBadge } from './statuses'

/** A line opens with a click, or by the keyboard through its time. */
export function LogTable({ lines }: { lines: LogEntry[] }) {
  const names = useUserNames(lines.flatMap(({ userId }) => userId ?? []))
  const [opened, setOpened] = useState<LogEntry>()
  const columns = useMemo(() => columnsWith(names, setOpened), [names])
  return (
    <>
      <DataTable
        label="Requests"
        columns={columns}
        rows={lines}
        rowKey={({ id }) => id}
        onRowClick={setOpened}
        minWidth={320}
      />
      <LogDetails line={opened} names={names} onClose={() => setOpened(undefined)} />
    </>
  )
}

function columnsWith(names: UserNames, open: (line: LogEntry) => void): Column<LogEntry>[] {
  return [
    {
      title: 'Time',
      render: (line) => (
        <Anchor component="button" size="sm" className="figures" ta="left" onClick={() => open(line)}>
          {formatInstant(line.timestamp)}
        </Anchor>
      ),
    },
    { title: 'User', width: 120, render: (line) => <Caller line={line} names={names} /> },
    {
      title: 'Request',
      render: ({ method, endpoint, errorDetail }) => (
        <>
          <Text size="sm" className="breakable">
            {method} {endpoint}
          </Text>
          {errorDetail && (
            <Text size="xs" c="dimmed" className="breakable" lineClamp={2}>
              {errorDetail}
            </Text>
          )}
        </>
      ),
    },
    { title: 'Status', render: ({ status }) => <StatusBadge status={status} /> },
    { title: 'Took', numeric: true, wideOnly: true, render: ({ durationMs }) => formatDuration(durationMs) },
    { title: 'Credits', numeric: true, wideOnly: true, render: ({ creditsCharged }) => formatInteger(creditsCharged) },
  ]
}
