import { Injectable } from '@nestjs/common'
import type { EffectiveAccess } from '../auth/access/effective-access.js'
import { visibleSubjectOf } from '../credits/charge-reason.js'
import type { UsageByDataset, UsageByKey, UsageDay, UsageOfDataset, UsagePart } from './usage.dto.js'
import { UsageRepository } from './usage.repository.js'

/** What an account used: by day, key or dataset. */
@Injectable()
export class UsageService {
  constructor(private readonly usage: UsageRepository) {}

  /** The last `days` UTC days with today, oldest first, every day present; zeros for the root key (null). */
  daily(userId: string | null, days: number): Promise<UsageDay[]> {
    return this.usage.dailyOf(userId, days)
  }

  /** The same days in one sum for each key or dataset; datasets that do not exist for the reader are in the sum of none. */
  async parts(
    userId: string | null,
    days: number,
    by: UsagePart,
    access: EffectiveAccess,
  ): Promise<UsageByKey | UsageByDataset> {
    return by === 'key'
      ? { data: await this.usage.byKey(userId, days) }
      : { data: visibleSums(await this.usage.byDataset(userId, days), access) }
  }
}

function visibleSums(sums: UsageOfDataset[], access: EffectiveAccess): UsageOfDataset[] {
  const byName = new Map<string | null, UsageOfDataset>()
  for (const sum of sums) {
    const { dataset } = visibleSubjectOf({ dataset: sum.dataset, endpoint: null }, access)
    const known = byName.get(dataset) ?? { dataset, requests: 0, creditsUsed: 0, errors: 0 }
    known.requests += sum.requests
    known.creditsUsed += sum.creditsUsed
    known.errors += sum.errors
    byName.set(dataset, known)
  }
  return [...byName.values()].sort((a, b) => b.creditsUsed - a.creditsUsed || b.requests - a.requests)
}
