import { Select, Stack } from '@mantine/core'
import { useMemo } from 'react'
import { useSearchParams } from 'react-router'
import { Chart } from '../../charts/chart'
import { DataTable, type Column } from '../../components/data-table'
import { formatCompact, formatDecimal, formatInteger } from '../../components/format'
import { Loaded } from '../../components/loaded'
import { Section } from '../../components/section'
import { NoSales } from './no-sales'
import { useMonthlySales, type MonthlySales as Month } from './queries'
import { ScrollBox } from './scroll-box'

const COLUMNS: Column<Month>[] = [
  { title: 'Month', render: ({ month }) => <span className="unbroken">{month}</span> },
  { title: 'Revenue', numeric: true, render: ({ revenue }) => formatDecimal(revenue) },
  { title: 'Transactions', numeric: true, render: ({ transactions }) => formatInteger(transactions) },
  { title: 'Items', numeric: true, render: ({ itemsSold }) => formatInteger(itemsSold) },
]

export function MonthlySales() {
  const [parameters, setParameters] = useSearchParams()
  const year = parameters.get('year')
  // All months tell which years there are; one of them is picked here, so that the list of years stays.
  const sales = useMonthlySales(null)
  const choose = (next: string | null) =>
    setParameters(
      (current) => {
        if (next) current.set('year', next)
        else current.delete('year')
        return current
      },
      { replace: true },
    )
  const years = [...new Set((sales.data?.data ?? []).map(({ month }) => month.slice(0, 4)))].reverse()
  return (
    <Section
      title="Sales by month"
      actions={
        <Select
          size="xs"
          w={120}
          aria-label="Year"
          placeholder="All years"
          clearable
          data={years}
          value={year}
          onChange={choose}
        />
      }
    >
      <Loaded query={sales}>
        {({ data }) => (data.length === 0 ? <NoSales /> : <Months months={data} year={year} />)}
      </Loaded>
    </Section>
  )
}

function Months({ months, year }: { months: Month[]; year: string | null }) {
  const shown = useMemo(() => months.filter(({ month }) => !year || month.startsWith(`${year}-`)), [months, year])
  const { labels, series } = useMemo(() => chartOf(shown), [shown])
  return (
    <Stack gap="sm">
      <Chart kind="line" label="Revenue by month" labels={labels} series={series} formatValue={formatCompact} />
      <ScrollBox>
        <DataTable
          label="Sales by month"
          columns={COLUMNS}
          rows={[...shown].reverse()}
          rowKey={({ month }) => month}
          minWidth={360}
        />
      </ScrollBox>
    </Stack>
  )
}

/** A month without a sale is not in the report; in the picture it has its place. */
function chartOf(months: Month[]) {
  if (months.length === 0) return { labels: [], series: [] }
  const revenueOf = new Map(months.map(({ month, revenue }) => [month, revenue]))
  const labels = monthsBetween(months[0]!.month, months.at(-1)!.month)
  return {
    labels,
    series: [{ label: 'Revenue', values: labels.map((label) => revenueOf.get(label) ?? 0) }],
  }
}

function monthsBetween(first: string, last: string): string[] {
  const months = [first]
  while (months.at(-1)! < last) {
    const [year, month] = months.at(-1)!.split('-').map(Number) as [number, number]
    months.push(month === 12 ? `${year + 1}-01` : `${year}-${String(month + 1).padStart(2, '0')}`)
  }
  return months
}
