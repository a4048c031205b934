import { Anchor, Group, NativeSelect, Text } from '@mantine/core'
import { Link, useSearchParams } from 'react-router'
import { CopyableCode } from '../../components/copyable-code'
import { DataTable, type Column } from '../../components/data-table'
import { EmptyState } from '../../components/empty-state'
import { formatAgo, formatBytes, formatInstant, formatInteger } from '../../components/format'
import { Loaded } from '../../components/loaded'
import { Pager } from '../../components/pager'
import { Section } from '../../components/section'
import { IngestionBadge, labelOfStatus } from './ingestion-status'
import { nameOf, STATUSES, useIngestions, type Ingestion } from './ingestions'

const COLUMNS: Column<Ingestion>[] = [
  {
    title: 'File',
    render: (job) => (
      <Anchor component={Link} to={`/data/${job.id}`} size="sm" className="breakable">
        {nameOf(job)}
      </Anchor>
    ),
  },
  { title: 'Status', render: (job) => <IngestionBadge job={job} /> },
  { title: 'Dataset', render: ({ dataset }) => dataset },
  { title: 'Rows read', numeric: true, render: ({ rowsRead }) => formatInteger(rowsRead) },
  { title: 'Accepted', numeric: true, render: ({ rowsAccepted }) => formatInteger(rowsAccepted) },
  { title: 'Rejected', numeric: true, render: ({ rowsRejected }) => formatInteger(rowsRejected) },
  { title: 'Size', numeric: true, render: ({ bytesTotal }) => formatBytes(bytesTotal) },
  {
    title: 'Sent',
    render: ({ createdAt }) => (
      <Text size="sm" title={formatInstant(createdAt)} className="unbroken">
        {formatAgo(createdAt)}
      </Text>
    ),
  },
]

/** Every load, newest first. Which part of them is shown stands in the address. */
export function History() {
  const [address, setAddress] = useSearchParams()
  const offset = Number(address.get('offset')) || 0
  const status = STATUSES.find((each) => each === address.get('status')) ?? null
  const ingestions = useIngestions({ offset, status, dataset: null })

  const show = (changes: { offset?: number; status?: string }) => {
    const next = { offset: 0, status: status ?? '', ...changes }
    setAddress({
      ...(next.offset > 0 && { offset: String(next.offset) }),
      ...(next.status && { status: next.status }),
    })
  }

  return (
    <Section
      title="History"
      actions={
        <NativeSelect
          size="xs"
          aria-label="Status of the loads to show"
          value={status ?? ''}
          onChange={(event) => show({ status: event.currentTarget.value })}
          data={[
            { value: '', label: 'All statuses' },
            ...STATUSES.map((value) => ({ value, label: labelOfStatus(value) })),
          ]}
        />
      }
    >
      <Loaded query={ingestions}>
        {({ data, pagination }) =>
          data.length === 0 ? (
            <NoLoads isFiltered={status !== null || offset > 0} onShowAll={() => show({ status: '' })} />
          ) : (
            <>
              <DataTable label="Loads" columns={COLUMNS} rows={data} rowKey={({ id }) => id} minWidth={820} />
              <Pager {...pagination} onChange={(next) => show({ offset: next })} />
            </>
          )
        }
      </Loaded>
    </Section>
  )
}

function NoLoads({ isFiltered, onShowAll }: { isFiltered: boolean; onShowAll: () => void }) {
  if (isFiltered) {
    return (
      <Group gap="xs">
        <Text size="sm">No load has that status.</Text>
        <Anchor component="button" size="sm" onClick={onShowAll}>
          Show all of them
        </Anchor>
      </Group>
    )
  }
  return (
    <EmptyState title="No file has been loaded yet">
      <Text size="sm" mb="xs">
        Drop one in above, or send it from a terminal:
      </Text>
      <CopyableCode
        label="Command that loads a file"
        code={`curl -H "x-api-key: $ROOT" '${window.location.origin}/v1/ingestions?wait=true' -F file=@sales.csv`}
      />
    </EmptyState>
  )
}
