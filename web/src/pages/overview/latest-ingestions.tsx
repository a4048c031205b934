import { Anchor, Button, Text } from '@mantine/core'
import { Link } from 'react-router'
import { DataTable, type Column } from '../../components/data-table'
import { EmptyState } from '../../components/empty-state'
import { formatAgo, formatInteger, formatPercent } from '../../components/format'
import { Loaded } from '../../components/loaded'
import { Section } from '../../components/section'
import { IngestionBadge } from '../data/ingestion-status'
import { nameOf, type Ingestion } from '../data/ingestions'
import { useLatestIngestions } from './queries'

const COLUMNS: Column<Ingestion>[] = [
  {
    title: 'File',
    render: (job) => (
      <>
        <Anchor component={Link} to={`/data/${job.id}`} size="sm" className="breakable">
          {nameOf(job)}
        </Anchor>
        <Text size="xs" c="dimmed">
          {formatAgo(job.createdAt)}
        </Text>
      </>
    ),
  },
  {
    title: 'Status',
    render: (job) => <Status {...job} />,
  },
  { title: 'Accepted', numeric: true, render: ({ rowsAccepted }) => formatInteger(rowsAccepted) },
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

function Status(job: Ingestion) {
  const { status, bytesDone, bytesTotal } = job
  return (
    <>
      <IngestionBadge job={job} />
      {status === 'running' && bytesTotal > 0 && (
        <Text size="xs" c="dimmed">
          {formatPercent(bytesDone / bytesTotal)} read
        </Text>
      )}
    </>
  )
}
