import { Injectable } from '@nestjs/common'
import { quantileMs } from './duration-histogram.js'
import type { EndpointStats, IngestionStats, Stats, StatsDay } from './stats.dto.js'
import { StatsContributors } from './stats-contributors.js'
import { UsageRepository } from './usage.repository.js'

const DAYS = 30
const TOP_ENDPOINTS = 10

const NO_INGESTIONS: IngestionStats = {
  queued: 0,
  running: 0,
  succeeded: 0,
  failed: 0,
  canceled: 0,
  rowsAccepted: 0,
  rowsRejected: 0,
}

/** The operator's overview. Traffic is read from daily sums, so its cost does not grow with the log. */
@Injectable()
export class StatsService {
  constructor(
    private readonly usage: UsageRepository,
    private readonly contributors: StatsContributors,
  ) {}

  async stats(): Promise<Stats> {
    const [totals, activeUsers, dailyUsage, topEndpoints, contributed] = await Promise.all([
      this.usage.totals(),
      this.usage.activeUsers(DAYS),
      this.dailyUsage(),
      this.topEndpoints(),
      this.contributors.collect(),
    ])
    const today = dailyUsage.at(-1)!
    return {
      users: 0,
      activeUsers,
      newUsersToday: 0,
      lowCreditUsers: 0,
      requests: totals.requests,
      requestsToday: today.requests,
      errorsToday: today.errors,
      creditsUsed: totals.creditsUsed,
      creditsUsedToday: today.creditsUsed,
      dailyUsage,
      topEndpoints,
      ingestions: NO_INGESTIONS,
      datasets: [],
      ...contributed,
    }
  }

  private async dailyUsage(): Promise<StatsDay[]> {
    const rows = await this.usage.daily(DAYS)
    return rows.map(({ durations, ...day }) => ({ ...day, p95Ms: quantileMs(durations, 0.95) }))
  }

  private async topEndpoints(): Promise<EndpointStats[]> {
    const rows = await this.usage.endpoints(DAYS, TOP_ENDPOINTS)
    return rows.map(({ durations, ...endpoint }) => ({ ...endpoint, p95Ms: quantileMs(durations, 0.95) }))
  }
}
