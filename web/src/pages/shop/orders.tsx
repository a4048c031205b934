import { Anchor, Button, Drawer, Group, Stack } from '@mantine/core'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { Link, useNavigate } from 'react-router'
import { request } from '../../api/http'
import { PAGE_SIZE } from '../../api/page'
import { CopyableId } from '../../components/copyable-id'
import { DataTable, type Column } from '../../components/data-table'
import { EmptyState } from '../../components/empty-state'
import { Facts } from '../../components/facts'
import { formatDecimal, formatInstant, formatInteger } from '../../components/format'
import { Loaded } from '../../components/loaded'
import { Pager } from '../../components/pager'
import { useAddressFilters } from '../../components/use-address-filters'
import type { Order } from './shop'

const COLUMNS: Column<Order>[] = [
  {
    title: 'Ordered',
    render: ({ id, createdAt }) => (
      <Anchor component={Link} to={`/shop/orders/${id}`} size="sm" className="figures">
        {formatInstant(createdAt)}
      </Anchor>
    ),
  },
  { title: 'Customer', render: ({ customerName }) => <span className="breakable">{customerName}</span> },
  { title: 'Items', numeric: true, wideOnly: true, render: ({ items }) => formatInteger(items.length) },
  { title: 'Total', numeric: true, render: ({ total }) => formatDecimal(total) },
]

/** Orders, newest first; one opens with its items. */
export function Orders({ openId }: { openId: string | undefined }) {
  const { filters, change, isFiltered, offset, goTo } = useAddressFilters(['customerId'])
  const navigate = useNavigate()
  const orders = useQuery({
    queryKey: ['shop', 'orders', filters, offset],
    queryFn: ({ signal }) => request('GET /v1/orders', { query: { ...filters, limit: PAGE_SIZE, offset }, signal }),
    placeholderData: keepPreviousData,
  })
  return (
    <Stack>
      {isFiltered && (
        <Group>
          <Button variant="default" size="xs" onClick={() => change({ customerId: '' })}>
            Of one customer only: show all
          </Button>
        </Group>
      )}
      <Loaded query={orders}>
        {({ data, pagination }) =>
          data.length === 0 ? (
            <EmptyState title={isFiltered ? 'This customer has no orders' : 'No orders yet'}>
              {!isFiltered && 'POST /v1/orders places one; npx countinghouse seed places samples.'}
            </EmptyState>
          ) : (
            <>
              <DataTable
                label="Orders"
                columns={COLUMNS}
                rows={data}
                rowKey={({ id }) => id}
                onRowClick={({ id }) => void navigate(`/shop/orders/${id}`)}
                minWidth={320}
              />
              <Pager {...pagination} onChange={goTo} />
            </>
          )
        }
      </Loaded>
      <Drawer
        opened={openId !== undefined}
        onClose={() => void navigate('/shop/orders')}
        position="right"
        size="lg"
        title="Order"
      >
        {openId && <OneOrder id={openId} />}
      </Drawer>
    </Stack>
  )
}

const ITEM_COLUMNS: Column<Order['items'][number]>[] = [
  {
    title: 'Product',
    render: ({ productId, productName }) => (
      <Anchor component={Link} to={`/shop/products/${productId}`} size="sm" className="breakable">
        {productName}
      </Anchor>
    ),
  },
  { title: 'Quantity', numeric: true, render: ({ quantity }) => formatInteger(quantity) },
  { title: 'Price', numeric: true, render: ({ price }) => formatDecimal(price) },
  { title: 'Total', numeric: true, render: ({ totalPrice }) => formatDecimal(totalPrice) },
]

function OneOrder({ id }: { id: string }) {
  const order = useQuery({
    queryKey: ['shop', 'orders', id],
    queryFn: ({ signal }) => request('GET /v1/orders/{id}', { path: { id }, signal }),
  })
  return (
    <Loaded query={order}>
      {(data) => (
        <Stack>
          <Facts
            facts={[
              ['Customer', data.customerName],
              ['Ordered', formatInstant(data.createdAt)],
              ['Total', formatDecimal(data.total)],
              ['ID', <CopyableId key="id" id={data.id} label="the ID of the order" />],
            ]}
          />
          <DataTable label="Items" columns={ITEM_COLUMNS} rows={data.items} rowKey={(item) => item.id} minWidth={320} />
        </Stack>
      )}
    </Loaded>
  )
}
