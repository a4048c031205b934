import { Stack } from '@mantine/core'
import { useMemo } from 'react'
import { Chart } from '../../charts/chart'
import { DataTable, type Column } from '../../components/data-table'
import { formatCompact, formatDecimal, formatInteger } from '../../components/format'
import { Loaded } from '../../components/loaded'
import { Section } from '../../components/section'
import { NoSales } from './no-sales'
import { useRegionRevenue, type RegionRevenue as Region } from './queries'
import { ScrollBox } from './scroll-box'

const MOST_BARS = 12

const COLUMNS: Column<Region>[] = [
  { title: 'Region', render: ({ region }) => <span className="breakable">{nameOf(region)}</span> },
  { title: 'Revenue', numeric: true, render: ({ totalRevenue }) => formatDecimal(totalRevenue) },
  { title: 'Items', numeric: true, render: ({ itemsSold }) => formatInteger(itemsSold) },
]

export function RegionRevenue() {
  const revenue = useRegionRevenue()
  return (
    <Section title="Revenue by region" description="Top 30 regions by revenue.">
      <Loaded query={revenue}>{({ data }) => (data.length === 0 ? <NoSales /> : <Regions regions={data} />)}</Loaded>
    </Section>
  )
}

function Regions({ regions }: { regions: Region[] }) {
  const { labels, series } = useMemo(() => chartOf(regions.slice(0, MOST_BARS)), [regions])
  return (
    <Stack gap="sm">
      <Chart
        kind="bar"
        label="Revenue by region"
        labels={labels}
        series={series}
        horizontal
        formatValue={formatCompact}
      />
      <ScrollBox>
        <DataTable
          label="Revenue by region"
          columns={COLUMNS}
          rows={regions}
          rowKey={({ region }) => region}
          minWidth={320}
        />
      </ScrollBox>
    </Stack>
  )
}

function chartOf(regions: Region[]) {
  return {
    labels: regions.map(({ region }) => nameOf(region)),
    series: [{ label: 'Revenue', values: regions.map(({ totalRevenue }) => totalRevenue) }],
  }
}

function nameOf(region: string): string {
  return region || '(no region)'
}
