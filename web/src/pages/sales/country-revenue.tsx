import { Anchor, SimpleGrid, Stack, Text } from '@mantine/core'
import { useSearchParams } from 'react-router'
import { AppliedInput } from '../../components/applied-input'
import { DataTable, type Column } from '../../components/data-table'
import { EmptyState } from '../../components/empty-state'
import { formatDecimal, formatInteger } from '../../components/format'
import { Loaded } from '../../components/loaded'
import { Pager } from '../../components/pager'
import { Section } from '../../components/section'
import { BestProducts } from './best-products'
import { NoSales } from './no-sales'
import { productNameOf } from './product-name'
import { useCountryRevenue, type CountryRevenue as Row } from './queries'

/** The report by country and product. One country is in the address, and so is the part of the list. */
export function CountryRevenue() {
  const [parameters, setParameters] = useSearchParams()
  const country = parameters.get('country') ?? ''
  const offset = Number(parameters.get('offset') ?? 0)
  const revenue = useCountryRevenue(country, offset)
  const change = (changes: { country?: string; offset?: number }) =>
    setParameters((current) => {
      current.delete('offset')
      if (changes.offset) current.set('offset', String(changes.offset))
      if (changes.country) current.set('country', changes.country)
      if (changes.country === '') current.delete('country')
      return current
    })
  const rows = revenue.data?.data ?? []
  return (
    <Section
      title="Revenue by country and product"
      description="Countries by name, the best product of each first."
      actions={
        <AppliedInput
          size="xs"
          aria-label="Country"
          placeholder="All countries"
          data={[...new Set(rows.map((row) => row.country))]}
          value={country}
          onApply={(next) => change({ country: next })}
        />
      }
    >
      <Loaded query={revenue}>
        {({ data, pagination }) =>
          data.length === 0 ? (
            <NoRows country={country} onClear={() => change({ country: '' })} />
          ) : (
            <SimpleGrid cols={{ base: 1, lg: 2 }} aria-busy={revenue.isPlaceholderData}>
              <BestProducts country={country || data[0]!.country} />
              <Stack gap="sm">
                <DataTable
                  label="Revenue by country and product"
                  columns={columnsWith((next) => change({ country: next }))}
                  rows={data}
                  rowKey={(row) => `${row.country} ${row.productId}`}
                  minWidth={460}
                />
                <Pager {...pagination} onChange={(next) => change({ offset: next })} />
              </Stack>
            </SimpleGrid>
          )
        }
      </Loaded>
    </Section>
  )
}

function columnsWith(choose: (country: string) => void): Column<Row>[] {
  return [
    {
      title: 'Country',
      render: ({ country }) => (
        <Anchor component="button" size="sm" ta="left" onClick={() => choose(country)}>
          {country}
        </Anchor>
      ),
    },
    { title: 'Product', render: (row) => <span className="breakable">{productNameOf(row)}</span> },
    { title: 'Revenue', numeric: true, render: ({ totalRevenue }) => formatDecimal(totalRevenue) },
    { title: 'Transactions', numeric: true, render: ({ transactions }) => formatInteger(transactions) },
  ]
}

function NoRows({ country, onClear }: { country: string; onClear: () => void }) {
  if (!country) return <NoSales />
  return (
    <EmptyState title={`Nothing was sold in ${country}`}>
      <Text size="sm">
        Write it as it is written in the data, or{' '}
        <Anchor component="button" size="sm" onClick={onClear}>
          show all countries
        </Anchor>
        .
      </Text>
    </EmptyState>
  )
}
