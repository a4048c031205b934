import { useQuery } from '@tanstack/react-query'
import { request, type Schemas } from '../../api/http'
import { useChange } from '../../api/use-change'

export type Product = Schemas['Product']
export type Customer = Schemas['CustomerResponse']
export type Order = Schemas['Order']

const MOST_CATEGORIES = 500

export function useCategories() {
  return useQuery({
    queryKey: ['shop', 'categories'],
    queryFn: ({ signal }) => request('GET /v1/categories', { query: { limit: MOST_CATEGORIES }, signal }),
    select: ({ data }) => data.map(({ id, name }) => ({ value: id, label: name })),
  })
}

/** A change of the shop; whatever is shown of it is asked for again after it. */
export function useShopChange<Input, Output>(
  mutationFn: (input: Input) => Promise<Output>,
  onDone?: (response: Output) => void,
) {
  return useChange([['shop']], mutationFn, onDone)
}
