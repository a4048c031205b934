import { Injectable, Logger } from '@nestjs/common'
import { Interval } from '@nestjs/schedule'
import { Config } from '../config/config.js'
import { WebhookDeliveriesRepository } from './webhook-deliveries.repository.js'

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS

/** Deletes deliveries that have ended after LOG_RETENTION_DAYS. */
@Injectable()
export class WebhookRetention {
  private readonly logger = new Logger('Webhooks')

  constructor(
    private readonly deliveries: WebhookDeliveriesRepository,
    private readonly config: Config,
  ) {}

  @Interval(HOUR_MS)
  async purge(): Promise<void> {
    const before = new Date(Date.now() - this.config.logRetentionDays * DAY_MS)
    try {
      while (await this.deliveries.purge(before));
    } catch (error) {
      this.logger.warn(`old deliveries were not deleted: ${String(error)}`)
    }
  }
}
