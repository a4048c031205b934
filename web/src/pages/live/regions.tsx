import { SimpleGrid } from '@mantine/core'
import { useMemo } from 'react'
import { Chart } from '../../charts/chart'
import { DataTable, type Column } from '../../components/data-table'
import { EmptyState } from '../../components/empty-state'
import { formatCompact, formatDecimal, formatInteger } from '../../components/format'
import { Section } from '../../components/section'
import type { Region } from '../../live/frames'

type Named = [name: string, region: Region]

const MOST_BARS = 10
const MAX_LINES = 25

const COLUMNS: Column<Named>[] = [
  { title: 'Region', render: ([name]) => <span className="breakable">{name}</span> },
  { title: 'Events', numeric: true, render: ([, { events }]) => formatInteger(events) },
  { title: 'Amount', numeric: true, render: ([, { amount }]) => formatDecimal(amount) },
]

export function Regions({ regions }: { regions: ReadonlyMap<string, Region> }) {
  const sorted = useMemo(
    () => [...regions].sort(([, a], [, b]) => b.amount - a.amount || b.events - a.events),
    [regions],
  )
  const { labels, series } = useMemo(() => chartOf(sorted.slice(0, MOST_BARS)), [sorted])
  return (
    <Section title="Regions" description="Of all events with values.region; amounts are sums of values.amount.">
      {sorted.length === 0 ? (
        <EmptyState title="No event named a region">
          Send values such as {'{"region":"Europe","amount":12.5}'}.
        </EmptyState>
      ) : (
        <SimpleGrid cols={{ base: 1, md: 2 }}>
          <Chart
            kind="bar"
            label="Amount by region"
            labels={labels}
            series={series}
            horizontal
            formatValue={formatCompact}
            animate={false}
          />
          <DataTable
            label="Regions"
            columns={COLUMNS}
            rows={sorted.slice(0, MAX_LINES)}
            rowKey={([name]) => name}
            minWidth={300}
          />
        </SimpleGrid>
      )}
    </Section>
  )
}

function chartOf(regions: Named[]) {
  return {
    labels: regions.map(([name]) => name),
    series: [{ label: 'Amount', values: regions.map(([, { amount }]) => amount) }],
  }
}
