import { Injectable, Logger, type OnApplicationShutdown } from '@nestjs/common'
import { Interval } from '@nestjs/schedule'
import { CreditsClock } from '../credits/credits-clock.js'
import { PlansRepository } from './plans.repository.js'

const RENEW_MS = 1_000
/** Users whose accounts are locked together. */
const BATCH = 500

/**
 * Grants the periods of plans as they begin. Every process does; the database decides, so that each period is granted
 * once. A charge does not wait for it: it renews what is due of its user (credits_charge).
 */
@Injectable()
export class PlanRenewals implements OnApplicationShutdown {
  private readonly logger = new Logger('Plans')
  private running?: Promise<void>
  private stopping = false

  constructor(
    private readonly plans: PlansRepository,
    private readonly clock: CreditsClock,
  ) {}

  @Interval(RENEW_MS)
  async tick(): Promise<void> {
    if (this.running || this.stopping) return
    this.running = this.renew()
    await this.running.catch((error: unknown) => this.logger.warn(`plans were not renewed: ${String(error)}`))
    this.running = undefined
  }

  async onApplicationShutdown(): Promise<void> {
    this.stopping = true
    await this.running?.catch(() => undefined)
  }

  /** All that is due. */
  async renew(): Promise<void> {
    while (!this.stopping && (await this.plans.renewDue(BATCH, this.clock.now())) === BATCH);
  }
}
