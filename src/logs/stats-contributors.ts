import { Injectable } from '@nestjs/common'
import type { Stats } from './stats.dto.js'

/** What other modules know of the stats. */
export type ContributedStats = Pick<Stats, 'users' | 'newUsersToday' | 'lowCreditUsers' | 'ingestions' | 'datasets'>

type Sources = { [Field in keyof ContributedStats]?: () => Promise<ContributedStats[Field]> }

/**
 * Where modules add their part of `GET /v1/admin/stats`: the field's name and a function that gives its value. So stats
 * need not know who ingests, and nobody's tables are read from here.
 */
@Injectable()
export class StatsContributors {
  private readonly sources: Sources = {}

  add<Field extends keyof ContributedStats>(field: Field, source: () => Promise<ContributedStats[Field]>): void {
    Object.assign(this.sources, { [field]: source })
  }

  async collect(): Promise<ContributedStats> {
    const fields = Object.entries(this.sources).map(async ([field, source]) => [field, await source()] as const)
    return Object.fromEntries(await Promise.all(fields)) as unknown as ContributedStats
  }
}
