import { keepPreviousData, useMutation, useQuery, useQueryClient, type QueryKey } from '@tanstack/react-query'
import { request, type Decimal, type QueryParameters } from '../../api/http'
import type { Page } from '../../api/page'
import type { Frame } from '../../live/frames'

interface Report<Row> {
  data: Row[]
  /** null: nothing was ever loaded */
  refreshedAt: string | null
}

export interface MonthlySales {
  month: string
  transactions: number
  itemsSold: Decimal
  revenue: Decimal
}

export interface RegionRevenue {
  region: string
  totalRevenue: Decimal
  itemsSold: Decimal
}

export interface TopProduct {
  productId: string
  productName: string
  purchaseCount: Decimal
  stockQuantity: Decimal
}

export interface CountryRevenue {
  country: string
  productId: string
  productName: string
  totalRevenue: Decimal
  transactions: number
}

export interface RecentProduct {
  id: string
  name: string
  price: Decimal
  stockQuantity: number
  createdAt: string
}

export interface ProductReport {
  totalProducts: number
  totalStock: Decimal
  averagePrice: Decimal | null
  recentProducts: RecentProduct[]
}

export interface TopCustomer {
  id: string
  name: string
  totalSpent: Decimal
  totalOrders: number
}

export interface ViewStatus {
  name: string
  rows: number
  durationMs: number | null
  refreshedAt: string | null
  lastError: string | null
  lastErrorAt: string | null
}

type ViewStatuses = Report<ViewStatus>

const VIEWS = ['sales', 'views']
const ORDERS = ['sales', 'orders']
const TOP_CUSTOMERS = 10
const SHOWN_PRODUCTS = 10

export function useMonthlySales(year: string | null) {
  return useView<Report<MonthlySales>>('/api/sales/monthly', { year })
}

export function useRegionRevenue() {
  return useView<Report<RegionRevenue>>('/api/revenue/regions')
}

export function useTopProducts() {
  return useView<Report<TopProduct>>('/api/products/top')
}

export function useCountryRevenue(country: string, offset: number) {
  return useView<Page<CountryRevenue>>('/api/revenue/countries', { country, limit: SHOWN_PRODUCTS, offset })
}

export function useBestProductsOf(country: string) {
  return useView<Page<CountryRevenue>>('/api/revenue/countries', { country, limit: SHOWN_PRODUCTS })
}

export function useProductReport() {
  return useQuery({
    queryKey: [...ORDERS, 'products'],
    queryFn: ({ signal }) => request<ProductReport>('GET', '/v1/dashboard/products', { signal }),
  })
}

export function useTopCustomers() {
  return useQuery({
    queryKey: [...ORDERS, 'customers'],
    queryFn: ({ signal }) =>
      request<Report<TopCustomer>>('GET', '/v1/dashboard/top-customers', { query: { limit: TOP_CUSTOMERS }, signal }),
  })
}

export function useViews() {
  return useView<ViewStatuses>('/v1/admin/views')
}

export function useRefreshViews() {
  const client = useQueryClient()
  return useMutation({
    mutationFn: () => request<ViewStatuses & { durationMs: number }>('POST', '/v1/admin/views/refresh'),
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

function useView<T>(path: string, query: QueryParameters = {}) {
  return useQuery({
    queryKey: [...VIEWS, path, query],
    queryFn: ({ signal }) => request<T>('GET', path, { query, signal }),
    placeholderData: keepPreviousData,
  })
}
