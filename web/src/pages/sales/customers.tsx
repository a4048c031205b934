import { Stack } from '@mantine/core'
import { useMemo } from 'react'
import { Chart } from '../../charts/chart'
import { CopyableCode } from '../../components/copyable-code'
import { DataTable, type Column } from '../../components/data-table'
import { SampleShop } from './sample-shop'
import { EmptyState } from '../../components/empty-state'
import { formatCompact, formatDecimal, formatInteger } from '../../components/format'
import { Loaded } from '../../components/loaded'
import { Section } from '../../components/section'
import { shortened } from './product-name'
import { useTopCustomers, type TopCustomer } from './queries'

const COLUMNS: Column<TopCustomer>[] = [
  { title: 'Customer', render: ({ name }) => <span className="breakable">{name}</span> },
  { title: 'Spent', numeric: true, render: ({ totalSpent }) => formatDecimal(totalSpent) },
  { title: 'Orders', numeric: true, render: ({ totalOrders }) => formatInteger(totalOrders) },
  {
    title: 'Average order value',
    numeric: true,
    render: ({ totalSpent, totalOrders }) => formatDecimal(Number(totalSpent) / totalOrders),
  },
]

export function Customers() {
  const customers = useTopCustomers()
  return (
    <Section title="Customers and orders" description="Top 10 by revenue.">
      <Loaded query={customers}>
        {({ data }) => (data.length === 0 ? <NoOrders /> : <Figures customers={data} />)}
      </Loaded>
    </Section>
  )
}

function Figures({ customers }: { customers: TopCustomer[] }) {
  const { labels, series } = useMemo(() => chartOf(customers), [customers])
  return (
    <Stack gap="sm">
      <Chart
        kind="bar"
        label="What the customers who spent most spent"
        labels={labels}
        series={series}
        horizontal
        formatValue={formatCompact}
      />
      <DataTable label="Top customers" columns={COLUMNS} rows={customers} rowKey={({ id }) => id} minWidth={400} />
    </Stack>
  )
}

function NoOrders() {
  const order = `'{"customerId":"…","items":[{"productId":"…","quantity":1}]}'`
  return (
    <EmptyState title="No order yet">
      <SampleShop />
      Or create a category, a product and a customer, then an order:
      <CopyableCode
        label="Command that makes an order"
        code={`curl -H "x-api-key: $ROOT" ${window.location.origin}/v1/orders --json ${order}`}
      />
    </EmptyState>
  )
}

function chartOf(customers: TopCustomer[]) {
  return {
    labels: customers.map(({ name }) => shortened(name)),
    series: [{ label: 'Spent', values: customers.map(({ totalSpent }) => totalSpent) }],
  }
}
