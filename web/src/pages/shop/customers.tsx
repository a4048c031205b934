import { Anchor, SimpleGrid, Stack } from '@mantine/core'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { Link } from 'react-router'
import { request } from '../../api/http'
import { PAGE_SIZE } from '../../api/page'
import { AppliedInput } from '../../components/applied-input'
import { CopyableId } from '../../components/copyable-id'
import { DataTable, type Column } from '../../components/data-table'
import { EmptyState } from '../../components/empty-state'
import { formatDay } from '../../components/format'
import { Loaded } from '../../components/loaded'
import { Pager } from '../../components/pager'
import { useAddressFilters } from '../../components/use-address-filters'
import type { Customer } from './shop'

const COLUMNS: Column<Customer>[] = [
  { title: 'Name', render: ({ name }) => <span className="breakable">{name}</span> },
  { title: 'Email', render: ({ email }) => <span className="breakable">{email}</span> },
  {
    title: 'Place',
    wideOnly: true,
    render: ({ country, region }) => [country, region].filter(Boolean).join(', ') || '—',
  },
  {
    title: 'Since',
    wideOnly: true,
    render: ({ createdAt }) => <span className="unbroken">{formatDay(createdAt)}</span>,
  },
  { title: 'ID', wideOnly: true, render: ({ id, name }) => <CopyableId id={id} label={`the ID of ${name}`} /> },
  {
    title: 'Orders',
    render: ({ id, name }) => (
      <Anchor component={Link} to={`/shop/orders?customerId=${id}`} size="sm" aria-label={`Orders of ${name}`}>
        Orders
      </Anchor>
    ),
  },
]

/** Who orders: no accounts of this server. */
export function Customers() {
  const { filters, change, isFiltered, offset, goTo } = useAddressFilters(['name', 'email'])
  const customers = useQuery({
    queryKey: ['shop', 'customers', filters, offset],
    queryFn: ({ signal }) => request('GET /v1/customers', { query: { ...filters, limit: PAGE_SIZE, offset }, signal }),
    placeholderData: keepPreviousData,
  })
  return (
    <Stack>
      <SimpleGrid cols={{ base: 1, xs: 2 }} role="search" aria-label="Filters of the customers">
        <AppliedInput
          label="Name"
          placeholder="Part of the name"
          data={[]}
          value={filters.name}
          onApply={(name) => change({ name })}
        />
        <AppliedInput
          label="Email"
          placeholder="The whole address"
          data={[]}
          value={filters.email}
          onApply={(email) => change({ email })}
        />
      </SimpleGrid>
      <Loaded query={customers}>
        {({ data, pagination }) =>
          data.length === 0 ? (
            <EmptyState title={isFiltered ? 'No customers match' : 'No customers yet'}>
              {isFiltered
                ? 'Change the search.'
                : 'POST /v1/customers makes one; npx countinghouse seed makes samples.'}
            </EmptyState>
          ) : (
            <>
              <DataTable label="Customers" columns={COLUMNS} rows={data} rowKey={({ id }) => id} minWidth={320} />
              <Pager {...pagination} onChange={goTo} />
            </>
          )
        }
      </Loaded>
    </Stack>
  )
}
