import { Anchor } from '@mantine/core'
import { Link } from 'react-router'
import { withQuery } from '../../api/http'
import { DataTable, type Column } from '../../components/data-table'
import { formatDuration, formatInteger, formatPercent } from '../../components/format'
import { Section } from '../../components/section'
import type { EndpointStats } from './queries'

const COLUMNS: Column<EndpointStats>[] = [
  {
    title: 'Route',
    // What no route matched is summed up under a name in brackets, which no line of the log has.
    render: ({ method, endpoint }) =>
      endpoint.startsWith('/') ? (
        <Anchor component={Link} to={withQuery('/logs', { endpoint })} size="sm">
          {method} {endpoint}
        </Anchor>
      ) : (
        `${method} ${endpoint}`
      ),
  },
  { title: 'Requests', numeric: true, render: ({ requests }) => formatInteger(requests) },
  {
    title: 'Errors',
    numeric: true,
    render: ({ requests, errors }) => `${formatInteger(errors)} (${formatPercent(errors / requests)})`,
  },
  { title: '95% within', numeric: true, render: ({ p95Ms }) => (p95Ms === null ? '–' : formatDuration(p95Ms)) },
]

export function TopEndpoints({ endpoints }: { endpoints: EndpointStats[] }) {
  if (endpoints.length === 0) return null
  return (
    <Section title="Top endpoints" description="the last 30 days">
      <DataTable
        label="Top endpoints"
        columns={COLUMNS}
        rows={endpoints}
        rowKey={({ method, endpoint }) => `${method} ${endpoint}`}
      />
    </Section>
  )
}
