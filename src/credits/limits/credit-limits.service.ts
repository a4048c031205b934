import { Injectable } from '@nestjs/common'
import { v7 as uuidv7 } from 'uuid'
import { CreditsClock } from '../credits-clock.js'
import type { LimitPeriod } from './credit-limit.entity.js'
import { CreditLimitsRepository, type CreditLimitUsage } from './credit-limits.repository.js'

/** At most so many credits in each period. */
export interface CreditLimit {
  credits: number
  every: LimitPeriod
}

/** Limits on what keys may spend. They hold in the statement that charges, so that no instance admits more. */
@Injectable()
export class CreditLimitsService {
  constructor(
    private readonly limits: CreditLimitsRepository,
    private readonly clock: CreditsClock,
  ) {}

  /**
   * The id of the limit of a key from now on; null: none. What was used of the one that it has stays used, and so with all keys
   * that share it.
   */
  async set(id: string | null, limit: CreditLimit | null): Promise<string | null> {
    if (limit === null) return null
    const { credits, every } = limit
    if (id === null) return (await this.limits.insert({ id: uuidv7(), credits, every })).id
    await this.limits.update(id, { credits, every })
    return id
  }

  /** By id. */
  async usages(ids: string[]): Promise<Map<string, CreditLimitUsage>> {
    const usages = ids.length === 0 ? [] : await this.limits.usages(ids, this.clock.now())
    return new Map(usages.map((usage) => [usage.id, usage]))
  }
}
