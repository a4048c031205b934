import { keepPreviousData, useMutation, useQuery, useQueryClient, type QueryKey } from '@tanstack/react-query'
import { request, type Schemas } from '../../api/http'
import type { Frame } from '../../live/frames'

export type MonthlySales = Schemas['MonthlySales']
export type RegionRevenue = Schemas['RegionRevenue']
export type TopProduct = Schemas['TopProduct']
export type CountryRevenue = Schemas['CountryRevenue']
export type RecentProduct = Schemas['RecentProduct']
export type ProductReport = Schemas['ProductReport']
export type TopCustomer = Schemas['TopCustomer']
export type ViewStatus = Schemas['ViewStatus']

const VIEWS = ['sales', 'views']
const ORDERS = ['sales', 'orders']
const TOP_CUSTOMERS = 10
const SHOWN_PRODUCTS = 10

export function useMonthlySales(year: string | null) {
  return useView(['monthly', year], (signal) => request('GET /api/sales/monthly', { query: { year }, signal }))
}

export function useRegionRevenue() {
  return useView(['regions'], (signal) => request('GET /api/revenue/regions', { signal }))
}

export function useTopProducts() {
  return useView(['top'], (signal) => request('GET /api/products/top', { signal }))
}

export function useCountryRevenue(country: string, offset: number) {
  return useView(['countries', country, offset], (signal) =>
    request('GET /api/revenue/countries', { query: { country, limit: SHOWN_PRODUCTS, offset }, signal }),
  )
}

export function useBestProductsOf(country: string) {
  return useView(['products-of-country', country], (signal) =>
    request('GET /api/revenue/countries', { query: { country, limit: SHOWN_PRODUCTS }, signal }),
  )
}

export function useProductReport() {
  return useQuery({
    queryKey: [...ORDERS, 'products'],
    queryFn: ({ signal }) => request('GET /v1/dashboard/products', { signal }),
  })
}

export function useTopCustomers() {
  return useQuery({
    queryKey: [...ORDERS, 'customers'],
    queryFn: ({ signal }) => request('GET /v1/dashboard/top-customers', { query: { limit: TOP_CUSTOMERS }, signal }),
  })
}

export function useViews() {
  return useView(['views'], (signal) => request('GET /v1/admin/views', { signal }))
}

export function useRefreshViews() {
  const client = useQueryClient()
  return useMutation({
    mutationFn: () => request('POST /v1/admin/views/refresh'),
    onSettled: () => client.invalidateQueries({ queryKey: VIEWS }),
  })
}

/** What a frame makes old on this page. */
export function keysChangedBy(frame: Frame): QueryKey[] {
  if (frame.type === 'snapshot') return [VIEWS, ORDERS]
  if (frame.type !== 'dashboard') return []
  return frame.data.changed.flatMap((part) => {
    if (part === 'views') return [VIEWS]
    return part === 'catalog' ? [ORDERS] : []
  })
}

function useView<T>(key: readonly unknown[], read: (signal: AbortSignal) => Promise<T>) {
  return useQuery({
    queryKey: [...VIEWS, ...key],
    queryFn: ({ signal }) => read(signal),
    placeholderData: keepPreviousData,
  })
}
