import { Injectable } from '@nestjs/common'
import type { UsageByDataset, UsageByKey, UsageDay, UsagePart } from './usage.dto.js'
import { UsageRepository } from './usage.repository.js'

/** What an account used: by day, key or dataset. */
@Injectable()
export class UsageService {
  constructor(private readonly usage: UsageRepository) {}

  /** The last `days` UTC days with today, oldest first, every day present; zeros for the root key (null). */
  daily(userId: string | null, days: number): Promise<UsageDay[]> {
    return this.usage.dailyOf(userId, days)
  }

  /** The same days in one sum for each key or dataset. */
  async parts(userId: string | null, days: number, by: UsagePart): Promise<UsageByKey | UsageByDataset> {
    return by === 'key'
      ? { data: await this.usage.byKey(userId, days) }
      : { data: await this.usage.byDataset(userId, days) }
  }
}
