import { Injectable } from '@nestjs/common'
import { quantileMs } from './duration-histogram.js'
import type { EndpointStats, Stats, StatsDay } from './stats.dto.js'
import { StatsContributors } from './stats-contributors.js'
import { UsageRepository } from './usage.repository.js'

const DAYS = 30
const TOP_ENDPOINTS = 10

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
      activeUsers,
      requests: totals.requests,
      requestsToday: today.requests,
      errorsToday: today.errors,
      creditsUsed: totals.creditsUsed,
      creditsUsedToday: today.creditsUsed,
      dailyUsage,
      topEndpoints,
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
