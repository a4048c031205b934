import { ApiClient } from './api-client.js'
import { ApiError } from './api-errors.js'
import type { Backoff } from './retry.js'

interface Page<T> {
  data: T[]
  pagination: { total: number }
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
  async all<T>(path: string, query: Record<string, string> = {}): Promise<T[]> {
    const rows: T[] = []
    for (;;) {
      const page = await this.page<T>(path, { ...query, limit: String(PAGE_ROWS), offset: String(rows.length) })
      rows.push(...page.data)
      if (page.data.length === 0 || rows.length >= page.pagination.total) return rows
    }
  }

  async total(path: string): Promise<number> {
    return (await this.page(path, { limit: '1' })).pagination.total
  }

  /** Sent again after a broken connection it still creates one: the key tells the server that it is the same. */
  create<T>(path: string, body: object, idempotencyKey: string): Promise<T> {
    return this.repeated(() => this.api.post<T>(path, body, { signal: this.signal, idempotencyKey }))
  }

  private page<T>(path: string, query: Record<string, string>): Promise<Page<T>> {
    return this.repeated(() => this.api.get<Page<T>>(`${path}?${new URLSearchParams(query).toString()}`, this.signal))
  }

  private async repeated<T>(request: () => Promise<T>): Promise<T> {
    const backoff = this.backoff()
    for (;;) {
      this.signal.throwIfAborted()
      try {
        return await request()
      } catch (error) {
        this.signal.throwIfAborted()
        // Of 409s only the one of a first request that still runs is worth another try, and it says when.
        if (error instanceof ApiError && error.status === 409 && error.retryAfterSeconds === undefined) throw error
        await backoff.pauseAfter(error)
      }
    }
  }
}
