import { randomUUID } from 'node:crypto'
import type { OptionsOf, RequestOptions, ResultOf, Schemas } from '../../clients/typescript/index.js'
import { ApiClient } from './api-client.js'
import { repeated, type Backoff } from './retry.js'

type Listed = '/v1/categories' | '/v1/products' | '/v1/customers' | '/v1/orders'
type ListRoute = `GET ${Listed}`
type CreateRoute = `POST ${Listed | '/v1/products/batch'}`
type ListQuery<R extends ListRoute> = RequestOptions<R>['query']
type Row<R extends ListRoute> = ResultOf<R>['data'][number]

interface Page<R extends ListRoute> {
  data: Row<R>[]
  pagination: Schemas['Pagination']
}

const PAGE_ROWS = 500

/** Lists and creates, through broken connections and limits. */
export class ShopClient {
  constructor(
    private readonly api: ApiClient,
    private readonly signal: AbortSignal,
    private readonly backoff: () => Backoff,
  ) {}

  /** Every row of a list. */
  async all<R extends ListRoute>(route: R, query?: ListQuery<R>): Promise<Row<R>[]> {
    const rows: Row<R>[] = []
    for (;;) {
      const page = await this.page(route, { ...query, limit: PAGE_ROWS, offset: rows.length })
      rows.push(...page.data)
      if (page.data.length === 0 || rows.length >= page.pagination.total) return rows
    }
  }

  async total(route: ListRoute): Promise<number> {
    return (await this.page(route, { limit: 1 })).pagination.total
  }

  /** Sent again after a broken connection it still creates one: the key tells the server that it is the same. */
  create<R extends CreateRoute>(route: R, options: RequestOptions<R>): Promise<ResultOf<R>> {
    const headers = { 'idempotency-key': randomUUID() }
    return this.repeated(() =>
      this.api.request(route, ...([{ ...options, headers, signal: this.signal }] as OptionsOf<R>)),
    )
  }

  private page<R extends ListRoute>(route: R, query: object): Promise<Page<R>> {
    const options = { query, signal: this.signal } as RequestOptions<R>
    return this.repeated(() => this.api.request(route, options) as Promise<Page<R>>)
  }

  private repeated<T>(request: () => Promise<T>): Promise<T> {
    return repeated(request, this.backoff(), this.signal)
  }
}
