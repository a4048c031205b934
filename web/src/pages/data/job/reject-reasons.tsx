import { Code, Group, Text } from '@mantine/core'
import { DataTable, type Column } from '../../../components/data-table'
import { formatInteger } from '../../../components/format'
import { Loaded } from '../../../components/loaded'
import { Section } from '../../../components/section'
import { useRejectReasons, type Ingestion, type RejectReason } from '../ingestions'

const COLUMNS: Column<RejectReason>[] = [
  { title: 'Rows', numeric: true, width: 90, render: ({ count }) => formatInteger(count) },
  {
    title: 'Column',
    width: 140,
    render: ({ column }) =>
      column ?? (
        <Text size="sm" c="dimmed">
          the record
        </Text>
      ),
  },
  { title: 'Reason', render: ({ reason }) => <Text size="sm">{reason.replaceAll('{value}', '…')}</Text> },
  { title: 'Examples', render: ({ examples }) => <Examples values={examples} /> },
]

/** Why rows were rejected, the commonest reason first. */
export function RejectReasons({ job }: { job: Ingestion }) {
  const reasons = useRejectReasons(job.id)
  return (
    <Section title="Why rows were rejected" description="The reasons, with the number of rows of each.">
      <Loaded query={reasons}>
        {({ data }) => (
          <DataTable
            label="Reasons for rejected rows"
            columns={COLUMNS}
            rows={data}
            rowKey={({ column, reason }) => `${column} ${reason}`}
            minWidth={620}
          />
        )}
      </Loaded>
    </Section>
  )
}

function Examples({ values }: { values: string[] }) {
  return (
    <Group gap={4}>
      {values.map((value) => (
        <Code key={value} className="breakable">
          {value === '' ? '(empty)' : value}
        </Code>
      ))}
    </Group>
  )
}
