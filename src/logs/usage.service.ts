import { Injectable } from '@nestjs/common'
import { EffectiveAccess } from '../auth/access/effective-access.js'
import { visibleSubjectOf } from '../credits/charge-reason.js'
import type { Usage, UsageOfDataset, UsageQuery } from './usage.dto.js'
import { UsageRepository } from './usage.repository.js'

/** What an account used: by day, key or dataset. */
@Injectable()
export class UsageService {
  constructor(private readonly usage: UsageRepository) {}

  /**
   * Of the last `days` UTC days with today: one sum a day, oldest first, every day present; or one for each key or dataset.
   * Zeros for the root key (null). Datasets that do not exist for the reader are in the sum of none.
   */
  async of(userId: string | null, { days, by }: UsageQuery, access = EffectiveAccess.UNRESTRICTED): Promise<Usage> {
    if (by === 'key') return { data: await this.usage.byKey(userId, days) }
    if (by === 'dataset') return { data: visibleSums(await this.usage.byDataset(userId, days), access) }
    return { data: await this.usage.dailyOf(userId, days) }
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
