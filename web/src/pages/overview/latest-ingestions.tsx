import { Anchor, Badge, Button, Text } from '@mantine/core'
import { Link } from 'react-router'
import { DataTable, type Column } from '../../components/data-table'
import { EmptyState } from '../../components/empty-state'
import { formatAgo, formatInteger, formatPercent } from '../../components/format'
import { Loaded } from '../../components/loaded'
import { Section } from '../../components/section'
import { useLatestIngestions, type Ingestion } from './queries'

const COLORS: Record<Ingestion['status'], string> = {
  queued: 'gray',
  running: 'blue',
  succeeded: 'teal',
  failed: 'red',
  canceled: 'gray',
}

const COLUMNS: Column<Ingestion>[] = [
  {
    title: 'File',
    render: ({ fileName, dataset, createdAt }) => (
      <>
        <Text size="sm" lineClamp={1} className="wraps">
          {fileName ?? `into ${dataset}`}
        </Text>
        <Text size="xs" c="dimmed">
          {formatAgo(createdAt)}
        </Text>
      </>
    ),
  },
  {
    title: 'State',
    render: (job) => (
      <Badge variant="light" color={job.deletedAt ? 'gray' : COLORS[job.status]} tt="none">
        {stateOf(job)}
      </Badge>
    ),
  },
  { title: 'Loaded', numeric: true, render: ({ rowsAccepted }) => formatInteger(rowsAccepted) },
  { title: 'Rejected', numeric: true, render: ({ rowsRejected }) => formatInteger(rowsRejected) },
]

export function LatestIngestions() {
  const latest = useLatestIngestions()
  return (
    <Section
      title="Latest files"
      actions={
        <Anchor component={Link} to="/data" size="sm">
          All files
        </Anchor>
      }
    >
      <Loaded query={latest}>
        {({ data }) =>
          data.length === 0 ? (
            <NoFiles />
          ) : (
            <DataTable label="Latest files" columns={COLUMNS} rows={data} rowKey={({ id }) => id} minWidth={400} />
          )
        }
      </Loaded>
    </Section>
  )
}

function NoFiles() {
  return (
    <EmptyState
      title="No file was loaded yet"
      action={
        <Button component={Link} to="/data" variant="light">
          Load a file
        </Button>
      }
    >
      Drop a CSV, JSON, XML or Parquet file on the Data page.
    </EmptyState>
  )
}

function stateOf({ status, deletedAt, bytesDone, bytesTotal }: Ingestion): string {
  if (deletedAt) return 'taken out'
  if (status === 'running' && bytesTotal > 0) return `running, ${formatPercent(bytesDone / bytesTotal)}`
  return status
}
