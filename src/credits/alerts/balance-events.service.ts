import { Injectable, Logger } from '@nestjs/common'
import { Interval } from '@nestjs/schedule'
import { LowBalanceRepository } from './low-balance.repository.js'

const POLL_MS = 1_000
/** Accounts in one round; the next one takes the rest. */
const MAX_EVALUATED = 1_000

/**
 * Reports balances that were left to be evaluated later because of what was in flight: the database does it at once where
 * it can, in the transaction that moves the balance.
 */
@Injectable()
export class BalanceEvents {
  private readonly logger = new Logger('Credits')
  private evaluating = false

  constructor(private readonly balances: LowBalanceRepository) {}

  @Interval(POLL_MS)
  async tick(): Promise<void> {
    if (this.evaluating) return
    this.evaluating = true
    await this.balances
      .evaluatePending(MAX_EVALUATED)
      .catch((error: unknown) => this.logger.warn(`low balances wait: ${String(error)}`))
    this.evaluating = false
  }
}
