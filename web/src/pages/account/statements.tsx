import { Anchor, Badge, Group } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { request, type Schemas } from '../../api/http'
import { DataTable, type Column } from '../../components/data-table'
import { Loaded } from '../../components/loaded'

const COLUMNS: Column<Schemas['StatementMonth']>[] = [
  { title: 'Month', render: ({ month }) => month },
  {
    title: 'State',
    render: ({ isFinal }) => (
      <Badge variant="light" color={isFinal ? 'teal' : 'gray'} tt="none">
        {isFinal ? 'final' : 'current'}
      </Badge>
    ),
  },
  {
    title: 'Statement',
    render: ({ month }) => (
      <Group gap="md">
        <Anchor href={`/v1/me/statements/${month}?format=html`} target="_blank" aria-label={`Print ${month}`}>
          Print
        </Anchor>
        <Anchor href={`/v1/me/statements/${month}?format=csv`} aria-label={`CSV of ${month}`}>
          CSV
        </Anchor>
      </Group>
    ),
  },
]

/** The months of one's own account; each opens as a page to print. */
export function Statements() {
  const query = useQuery({
    queryKey: ['me', 'statements'],
    queryFn: ({ signal }) => request('GET /v1/me/statements', { query: { limit: 500 }, signal }),
  })
  return (
    <Loaded query={query}>
      {({ data }) => (
        <DataTable label="Statements" columns={COLUMNS} rows={data} rowKey={({ month }) => month} minWidth={420} />
      )}
    </Loaded>
  )
}
