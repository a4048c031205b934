import { SimpleGrid } from '@mantine/core'
import { useMemo } from 'react'
import { Chart } from '../../charts/chart'
import { DataTable, type Column } from '../../components/data-table'
import { formatCompact, formatInteger } from '../../components/format'
import { Loaded } from '../../components/loaded'
import { Section } from '../../components/section'
import { NoSales } from './no-sales'
import { productNameOf, shortened } from './product-name'
import { useTopProducts, type TopProduct } from './queries'
import { ScrollBox } from './scroll-box'

const MOST_BARS = 10

const COLUMNS: Column<TopProduct>[] = [
  { title: 'Product', render: (product) => <span className="breakable">{productNameOf(product)}</span> },
  { title: 'Sold', numeric: true, render: ({ purchaseCount }) => formatInteger(purchaseCount) },
  { title: 'Stock', numeric: true, render: ({ stockQuantity }) => formatInteger(stockQuantity) },
]

export function TopProducts() {
  const products = useTopProducts()
  return (
    <Section title="Top products" description="Top 20 by units sold, with their last recorded stock.">
      <Loaded query={products}>{({ data }) => (data.length === 0 ? <NoSales /> : <Products products={data} />)}</Loaded>
    </Section>
  )
}

function Products({ products }: { products: TopProduct[] }) {
  const { labels, series } = useMemo(() => chartOf(products.slice(0, MOST_BARS)), [products])
  return (
    <SimpleGrid cols={{ base: 1, lg: 2 }}>
      <Chart
        kind="bar"
        label="Items sold and in stock, of the products that sell best"
        labels={labels}
        series={series}
        horizontal
        formatValue={formatCompact}
        height={340}
      />
      <ScrollBox>
        <DataTable
          label="Top products"
          columns={COLUMNS}
          rows={products}
          rowKey={({ productId }) => productId}
          minWidth={320}
        />
      </ScrollBox>
    </SimpleGrid>
  )
}

function chartOf(products: TopProduct[]) {
  return {
    labels: products.map((product) => shortened(productNameOf(product))),
    series: [
      { label: 'Sold', values: products.map(({ purchaseCount }) => purchaseCount) },
      { label: 'In stock', values: products.map(({ stockQuantity }) => stockQuantity) },
    ],
  }
}
