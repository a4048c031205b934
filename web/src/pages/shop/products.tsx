import { Anchor, Badge, Button, Select, SimpleGrid, Stack } from '@mantine/core'
import { IconPlus } from '@tabler/icons-react'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useMemo, useState } from 'react'
import { Link, useNavigate } from 'react-router'
import { request } from '../../api/http'
import { PAGE_SIZE } from '../../api/page'
import { AppliedInput } from '../../components/applied-input'
import { DataTable, type Column } from '../../components/data-table'
import { EmptyState } from '../../components/empty-state'
import { formatDecimal, formatInteger } from '../../components/format'
import { Loaded } from '../../components/loaded'
import { Pager } from '../../components/pager'
import { useAddressFilters } from '../../components/use-address-filters'
import { useCurrentSession } from '../../session/session-context'
import { mayChange } from '../../session/use-session'
import { ProductDialog } from './product-dialog'
import { useCategories, type Product } from './shop'

const SORTS = [
  { value: 'name', label: 'Name' },
  { value: 'price', label: 'Price, lowest first' },
  { value: '-price', label: 'Price, highest first' },
  { value: '-sold', label: 'Most sold' },
  { value: '-createdAt', label: 'Newest' },
] as const

/** The products, to be found, changed and added. */
export function Products({ openId }: { openId: string | undefined }) {
  const { filters, change, isFiltered, offset, goTo } = useAddressFilters(['name', 'categoryId', 'sort', 'isActive'])
  const [isCreating, setCreating] = useState(false)
  const session = useCurrentSession()
  const navigate = useNavigate()
  const categories = useCategories()
  const products = useQuery({
    queryKey: ['shop', 'products', filters, offset],
    queryFn: ({ signal }) =>
      request('GET /v1/products', {
        query: {
          ...filters,
          sort: SORTS.find(({ value }) => value === filters.sort)?.value,
          isActive: filters.isActive === '' ? undefined : filters.isActive === 'true',
          ...{ limit: PAGE_SIZE, offset },
        },
        signal,
      }),
    placeholderData: keepPreviousData,
  })
  const columns = useMemo(() => columnsWith(categories.data ?? []), [categories.data])
  return (
    <Stack>
      <SimpleGrid cols={{ base: 1, xs: 2, lg: 5 }} role="search" aria-label="Filters of the products">
        <AppliedInput
          label="Name"
          placeholder="Part of the name"
          data={[]}
          value={filters.name}
          onApply={(name) => change({ name })}
        />
        <Select
          label="Category"
          placeholder="Any"
          searchable
          clearable
          data={categories.data ?? []}
          value={filters.categoryId || null}
          onChange={(categoryId) => change({ categoryId: categoryId ?? '' })}
        />
        <Select
          label="For sale"
          placeholder="Any"
          clearable
          data={[
            { value: 'true', label: 'Can be ordered' },
            { value: 'false', label: 'Not for sale' },
          ]}
          value={filters.isActive || null}
          onChange={(isActive) => change({ isActive: isActive ?? '' })}
        />
        <Select
          label="Sorted by"
          data={[...SORTS]}
          allowDeselect={false}
          value={filters.sort || 'name'}
          onChange={(sort) => change({ sort: sort ?? '' })}
        />
        {mayChange(session) && (
          <Button
            leftSection={<IconPlus size={16} />}
            style={{ alignSelf: 'end' }}
            disabled={!categories.data?.length}
            onClick={() => setCreating(true)}
          >
            Add product
          </Button>
        )}
      </SimpleGrid>
      <Loaded query={products}>
        {({ data, pagination }) =>
          data.length === 0 ? (
            <NoProducts isFiltered={isFiltered} />
          ) : (
            <>
              <DataTable
                label="Products"
                columns={columns}
                rows={data}
                rowKey={({ id }) => id}
                onRowClick={({ id }) => void navigate(`/shop/products/${id}`)}
                minWidth={320}
              />
              <Pager {...pagination} onChange={goTo} />
            </>
          )
        }
      </Loaded>
      {openId && <OneProduct key={openId} id={openId} onClose={() => void navigate('/shop/products')} />}
      {isCreating && <ProductDialog onClose={() => setCreating(false)} />}
    </Stack>
  )
}

function OneProduct({ id, onClose }: { id: string; onClose: () => void }) {
  const product = useQuery({
    queryKey: ['shop', 'products', id],
    queryFn: ({ signal }) => request('GET /v1/products/{id}', { path: { id }, signal }),
  })
  return <Loaded query={product}>{(data) => <ProductDialog product={data} onClose={onClose} />}</Loaded>
}

function columnsWith(categories: { value: string; label: string }[]): Column<Product>[] {
  return [
    {
      title: 'Name',
      render: ({ id, name }) => (
        <Anchor component={Link} to={`/shop/products/${id}`} size="sm" className="breakable">
          {name}
        </Anchor>
      ),
    },
    {
      title: 'Category',
      wideOnly: true,
      render: ({ categoryId }) => categories.find(({ value }) => value === categoryId)?.label ?? '—',
    },
    { title: 'Price', numeric: true, render: ({ price }) => formatDecimal(price) },
    { title: 'In stock', numeric: true, render: ({ stockQuantity }) => formatInteger(stockQuantity) },
    { title: 'Sold', numeric: true, wideOnly: true, render: ({ sold }) => formatInteger(sold) },
    {
      title: 'For sale',
      wideOnly: true,
      render: ({ isActive }) => (
        <Badge variant="dot" color={isActive ? 'teal' : 'gray'} tt="none">
          {isActive ? 'yes' : 'no'}
        </Badge>
      ),
    },
  ]
}

function NoProducts({ isFiltered }: { isFiltered: boolean }) {
  if (isFiltered) return <EmptyState title="No products match">Change the search or the filters.</EmptyState>
  return (
    <EmptyState title="No products yet">
      <code>npx countinghouse seed</code> fills a sample shop; <code>POST /v1/categories</code> and{' '}
      <code>POST /v1/products</code> make your own.
    </EmptyState>
  )
}
