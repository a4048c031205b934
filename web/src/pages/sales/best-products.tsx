import { Stack, Text } from '@mantine/core'
import { useMemo } from 'react'
import { Chart } from '../../charts/chart'
import { formatCompact } from '../../components/format'
import { productNameOf, shortened } from './product-name'
import { useBestProductsOf, type CountryRevenue } from './queries'

const NONE: CountryRevenue[] = []

/** The picture beside the list: one country at a time. */
export function BestProducts({ country }: { country: string }) {
  const { data } = useBestProductsOf(country)
  const rows = data?.data ?? NONE
  const { labels, series } = useMemo(() => chartOf(rows, country), [rows, country])
  return (
    <Stack gap={4}>
      <Text size="sm" fw={600}>
        The best in {country}
      </Text>
      <Chart
        kind="bar"
        label={`Top products by revenue in ${country}`}
        labels={labels}
        series={series}
        horizontal
        formatValue={formatCompact}
        height={400}
      />
    </Stack>
  )
}

function chartOf(rows: CountryRevenue[], country: string) {
  return {
    labels: rows.map((row) => shortened(productNameOf(row))),
    series: [{ label: `Revenue in ${country}`, values: rows.map(({ totalRevenue }) => totalRevenue) }],
  }
}
