import { Injectable } from '@nestjs/common'
import type { UsageDay } from './usage.dto.js'
import { UsageRepository } from './usage.repository.js'

/** What an account used, by day. */
@Injectable()
export class UsageService {
  constructor(private readonly usage: UsageRepository) {}

  /** The last `days` UTC days with today, oldest first, every day present; zeros for the root key (null). */
  daily(userId: string | null, days: number): Promise<UsageDay[]> {
    return this.usage.dailyOf(userId, days)
  }
}
