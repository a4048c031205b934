import { Injectable, Logger, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common'
import { Interval } from '@nestjs/schedule'
import { InstanceId, SILENT_SECONDS } from '../common/instance-id.js'
import { Config } from '../config/config.js'
import { Database } from '../infrastructure/database/database.js'
import { CreditsRepository } from './credits.repository.js'
import { CreditsService } from './credits.service.js'
import { CreditsClock } from './credits-clock.js'

const HEARTBEAT_MS = 5_000
/** A settlement or release of our own that takes longer than this has failed. */
const OWN_SECONDS = 15
/** No request lives this much longer than its query may. */
const LOST_MARGIN_SECONDS = 600

/**
 * Gives back what died between a charge and its answer: charges of processes without a heartbeat, and of our own that
 * no request stands behind. Also writes the `expire` entries of users who do nothing themselves.
 */
@Injectable()
export class CreditsReconciler implements OnModuleInit, OnApplicationShutdown {
  private readonly logger = new Logger('Credits')
  private beatingSinceMs = Infinity

  constructor(
    private readonly repository: CreditsRepository,
    private readonly credits: CreditsService,
    private readonly database: Database,
    private readonly clock: CreditsClock,
    private readonly instance: InstanceId,
    private readonly config: Config,
  ) {}

  async onModuleInit(): Promise<void> {
    await this.beat()
  }

  @Interval(HEARTBEAT_MS)
  async tick(): Promise<void> {
    try {
      await this.beat()
      await this.reconcile()
    } catch (error) {
      // After an outage every instance looks silent; we judge the others only once they had time to show themselves.
      this.beatingSinceMs = Infinity
      this.logger.warn(`credits were not reconciled: ${String(error)}`)
    }
  }

  /** The HTTP server is closed by now, and the pool is not: Nest stops what depends on it first. */
  async onApplicationShutdown(): Promise<void> {
    await this.credits.drain()
    await this.repository.forgetInstance(this.instance.uuid, this.clock.now()).catch(() => undefined)
  }

  /** One round; gives how many charges were released. */
  async reconcile(): Promise<number> {
    const maxAgeMs = (this.config.queryTimeoutSeconds + LOST_MARGIN_SECONDS) * 1000
    const abandoned = await this.credits.abandoned(OWN_SECONDS, maxAgeMs)
    await this.credits.releaseAll(abandoned, 'the request ended without a response')
    const orphans = (await this.database.withAdvisoryLock('credits-reconciler', () => this.releaseOrphans())) ?? 0
    if (orphans > 0) this.logger.log(`released ${orphans} charges of a process that died`)
    return abandoned.length + orphans
  }

  private async beat(): Promise<void> {
    await this.repository.heartbeat(this.instance.uuid, this.clock.now())
    this.beatingSinceMs = Math.min(this.beatingSinceMs, this.nowMs())
  }

  private async releaseOrphans(): Promise<number> {
    await this.repository.expireDue(1000, this.clock.now())
    if (this.nowMs() - this.beatingSinceMs < 3 * HEARTBEAT_MS) return 0
    const orphans = await this.repository.orphans(SILENT_SECONDS, this.clock.now())
    const reserved = orphans.map((orphan) => ({ ...orphan, reserved: true }))
    await this.credits.releaseAll(reserved, 'the server stopped before it responded')
    return orphans.length
  }

  private nowMs(): number {
    return (this.clock.now() ?? new Date()).getTime()
  }
}
