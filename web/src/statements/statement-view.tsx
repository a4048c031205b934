import { SimpleGrid, Text } from '@mantine/core'
import type { ReactNode } from 'react'
import type { Schemas } from '../api/http'
import { DataTable, type Column } from '../components/data-table'
import { formatInteger, formatSigned } from '../components/format'
import { Section } from '../components/section'
import { StatTile } from '../components/stat-tile'
import { useDatasetTitles } from '../usage/usage-report'

type Statement = Schemas['Statement']

/** From the opening balance to the closing one, and what the credits went to. */
export function StatementView({ statement }: { statement: Statement }) {
  const titles = useDatasetTitles()
  return (
    <>
      <Balance {...statement} />
      <Section title="Grants">
        {statement.grants.length === 0 ? (
          <Nothing>No credits were granted in this month.</Nothing>
        ) : (
          <DataTable label="Grants" columns={GRANTS} rows={statement.grants} rowKey={keyOf} minWidth={380} />
        )}
      </Section>
      <Section title="Charges by dataset and endpoint">
        {statement.usage.length === 0 ? (
          <Nothing>Nothing was charged in this month.</Nothing>
        ) : (
          <DataTable
            label="Charges"
            columns={chargesWith(titles)}
            rows={statement.usage}
            rowKey={keyOf}
            minWidth={560}
          />
        )}
      </Section>
    </>
  )
}

function Nothing({ children }: { children: ReactNode }) {
  return (
    <Text size="sm" c="dimmed">
      {children}
    </Text>
  )
}

/** The sums between are signed, so that they add up. */
function Balance({ opening, granted, charged, released, expired, voided, closing }: Statement) {
  const returned = released === 0 ? undefined : `${formatSigned(released)} given back`
  return (
    <SimpleGrid cols={{ base: 2, sm: 3, lg: 5 }}>
      <StatTile label="Opening balance" value={formatInteger(opening)} hint="credits" />
      <StatTile label="Granted" value={formatSigned(granted)} hint="credits" />
      <StatTile label="Charged" value={formatSigned(charged)} hint={returned ?? 'credits'} />
      <StatTile label="Expired or voided" value={formatSigned(expired + voided)} hint="credits" />
      <StatTile label="Closing balance" value={formatInteger(closing)} hint="credits" />
    </SimpleGrid>
  )
}

const GRANTS: Column<Schemas['StatementGrants']>[] = [
  { title: 'Reason', render: ({ reason }) => <span className="breakable">{reason ?? '—'}</span> },
  { title: 'Grants', numeric: true, render: ({ count }) => formatInteger(count) },
  { title: 'Credits', numeric: true, render: ({ amount }) => formatSigned(amount) },
]

function chargesWith(titles: ReadonlyMap<string, string>): Column<Schemas['StatementUsage']>[] {
  return [
    {
      title: 'Dataset',
      render: ({ dataset }) => <Name>{dataset === null ? '—' : (titles.get(dataset) ?? dataset)}</Name>,
    },
    { title: 'Endpoint', render: ({ endpoint }) => <Name>{endpoint ?? '—'}</Name> },
    { title: 'Requests', numeric: true, render: ({ requests }) => formatInteger(requests) },
    { title: 'Charged', numeric: true, render: ({ charged }) => formatSigned(charged) },
    { title: 'Given back', numeric: true, render: ({ released }) => formatSigned(released) },
  ]
}

function Name({ children }: { children: string }) {
  return <span className="breakable">{children}</span>
}

function keyOf(_row: unknown, index: number): string {
  return String(index)
}
