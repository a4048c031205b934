import type { Schemas } from '../../../clients/typescript/index.js'
import type { ApiClient } from '../api-client.js'
import { ApiError } from '../api-errors.js'
import { userIdOf } from '../accounts/find-user.js'
import type { LogArguments } from './logs.command.js'

export type LogEntry = Schemas['DetailedLogEntry']
type LogRoute = 'GET /v1/admin/requests' | 'GET /v1/me/requests'

interface LogPage {
  data: LogEntry[]
  pagination: { nextCursor: string | null }
}

const PAGE_ROWS = 500
const FORBIDDEN = 403

/** The request log as the filters show it: everybody's to an admin, one's own to the others. */
export class LogSource {
  /** the requests for the log, which would show themselves */
  private readonly ownRequests = new Set<string>()

  private constructor(
    private readonly api: ApiClient,
    private readonly route: LogRoute,
    private readonly filters: Record<string, string | number | undefined>,
  ) {}

  static async open(api: ApiClient, given: LogArguments): Promise<LogSource> {
    const userId = given.user === undefined ? undefined : await userIdOf(api, given.user)
    const { key: keyId, endpoint, dataset, status, from, to } = given
    const filters = { userId, keyId, endpoint, dataset, status, from, to }
    if (given.own) return new LogSource(api, 'GET /v1/me/requests', filters)
    const all = new LogSource(api, 'GET /v1/admin/requests', filters)
    try {
      await all.page({ limit: 1 })
      return all
    } catch (error) {
      if (!(error instanceof ApiError) || error.status !== FORBIDDEN || userId !== undefined) throw error
      return new LogSource(api, 'GET /v1/me/requests', filters)
    }
  }

  /** The newest `limit` ones since `from`, the oldest first. */
  async newest(limit: number, from = this.filters.from): Promise<LogEntry[]> {
    const rows: LogEntry[] = []
    let cursor: string | undefined
    while (rows.length < limit) {
      const page = await this.page({ limit: PAGE_ROWS, from, cursor })
      rows.push(...page.data.filter(({ requestId }) => !this.ownRequests.has(requestId)))
      if (page.pagination.nextCursor === null) break
      cursor = page.pagination.nextCursor
    }
    return rows.slice(0, limit).reverse()
  }

  private async page(query: Record<string, string | number | undefined>): Promise<LogPage> {
    const response = await this.api.send(this.route, { query: { ...this.filters, ...query } })
    this.ownRequests.add(response.headers.get('x-request-id') ?? '')
    return (await response.json()) as LogPage
  }
}
