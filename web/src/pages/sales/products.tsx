import { SimpleGrid, Stack } from '@mantine/core'
import { useMemo } from 'react'
import { Chart } from '../../charts/chart'
import { CopyableCode } from '../../components/copyable-code'
import { DataTable, type Column } from '../../components/data-table'
import { SampleShop } from './sample-shop'
import { EmptyState } from '../../components/empty-state'
import { formatCompact, formatDay, formatDecimal, formatInteger } from '../../components/format'
import { Loaded } from '../../components/loaded'
import { Section } from '../../components/section'
import { StatTile } from '../../components/stat-tile'
import { shortened } from './product-name'
import { useProductReport, type ProductReport, type RecentProduct } from './queries'

const COLUMNS: Column<RecentProduct>[] = [
  { title: 'Product', render: ({ name }) => <span className="breakable">{name}</span> },
  { title: 'Price', numeric: true, render: ({ price }) => formatDecimal(price) },
  { title: 'Stock', numeric: true, render: ({ stockQuantity }) => formatInteger(stockQuantity) },
  { title: 'Since', render: ({ createdAt }) => <span className="unbroken">{formatDay(createdAt)}</span> },
]

export function Products() {
  const report = useProductReport()
  return (
    <Section title="Products" description="Of this server's catalog; the ten newest.">
      <Loaded query={report}>
        {(figures) => (figures.totalProducts === 0 ? <NoProducts /> : <Figures {...figures} />)}
      </Loaded>
    </Section>
  )
}

function Figures({ totalProducts, totalStock, averagePrice, recentProducts }: ProductReport) {
  const { labels, series } = useMemo(() => chartOf(recentProducts), [recentProducts])
  return (
    <Stack gap="sm">
      <SimpleGrid cols={{ base: 1, xs: 3 }}>
        <StatTile label="Products" value={formatInteger(totalProducts)} />
        <StatTile label="In stock" value={formatInteger(totalStock)} />
        <StatTile label="Average price" value={averagePrice === null ? '–' : formatDecimal(averagePrice)} />
      </SimpleGrid>
      <Chart
        kind="bar"
        label="Stock of the newest products"
        labels={labels}
        series={series}
        horizontal
        formatValue={formatCompact}
      />
      <DataTable
        label="Newest products"
        columns={COLUMNS}
        rows={recentProducts}
        rowKey={({ id }) => id}
        minWidth={400}
      />
    </Stack>
  )
}

function NoProducts() {
  return (
    <EmptyState title="No product yet">
      <SampleShop />
      Or create a category first:
      <CopyableCode
        label="Command that creates a category for products"
        code={`curl -H "x-api-key: $ROOT" ${window.location.origin}/v1/categories --json '{"name":"Toys"}'`}
      />
      Then POST to /v1/products with its id. Products are for orders; files of transactions need none.
    </EmptyState>
  )
}

function chartOf(products: RecentProduct[]) {
  return {
    labels: products.map(({ name }) => shortened(name)),
    series: [{ label: 'In stock', values: products.map(({ stockQuantity }) => stockQuantity) }],
  }
}
