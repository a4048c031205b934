import { Stack, Text } from '@mantine/core'
import { DataTable, type Column } from '../../components/data-table'
import { FieldError } from '../../components/field-error'
import { formatAgo, formatDuration, formatInstant, formatInteger } from '../../components/format'
import { Loaded } from '../../components/loaded'
import { Section } from '../../components/section'
import { useViews, type ViewStatus } from './queries'

const COLUMNS: Column<ViewStatus>[] = [
  { title: 'View', render: ({ name }) => <span className="breakable">{name}</span> },
  { title: 'Rows', numeric: true, render: ({ rows }) => formatInteger(rows) },
  {
    title: 'Last refresh',
    render: ({ refreshedAt }) =>
      refreshedAt ? (
        <span className="unbroken" title={formatInstant(refreshedAt)}>
          {formatAgo(refreshedAt)}
        </span>
      ) : (
        'never'
      ),
  },
  {
    title: 'Took',
    numeric: true,
    render: ({ durationMs }) => (durationMs === null ? '–' : formatDuration(durationMs)),
  },
  { title: 'Last error', render: (view) => <LastError {...view} /> },
]

export function Views() {
  const views = useViews()
  return (
    <Section
      title="Views"
      description="The reports on transactions read materialized views, which follow every change of the data within seconds."
    >
      <Loaded query={views}>
        {({ data }) => (
          <DataTable label="Views" columns={COLUMNS} rows={data} rowKey={({ name }) => name} minWidth={620} />
        )}
      </Loaded>
    </Section>
  )
}

function LastError({ lastError, lastErrorAt }: ViewStatus) {
  if (lastError === null) return <>none</>
  return (
    <Stack gap={0}>
      <FieldError text={lastError} />
      {lastErrorAt && (
        <Text size="xs" c="dimmed">
          {formatAgo(lastErrorAt)}
        </Text>
      )}
    </Stack>
  )
}
