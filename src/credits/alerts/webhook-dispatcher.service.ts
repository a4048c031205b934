import { Injectable, Logger, type OnApplicationShutdown } from '@nestjs/common'
import { Interval } from '@nestjs/schedule'
import { Config } from '../../config/config.js'
import { retryDelaySeconds } from './retry-schedule.js'
import { WebhookDeliveriesRepository, type DueDelivery } from './webhook-deliveries.repository.js'
import { WebhookSecrets } from './webhook-secrets.js'
import { SEND_TIMEOUT_MS, WebhookSender, type Attempt } from './webhook-sender.js'

const POLL_MS = 1_000
/** Slow receivers take a place each and hold nobody else up until all are taken. */
const MAX_IN_FLIGHT = 32
/** Longer than a try takes, with its end written down. */
const LEASE_SECONDS = (2 * SEND_TIMEOUT_MS) / 1000
/** Accounts in one round; the next one takes the rest. */
const MAX_EVALUATED = 1_000
const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS

/**
 * Sends what the outbox holds. Every process does; a row is locked by the one that takes it, so each try is one
 * instance's. At least once: a process that dies between the receiver's answer and its record leaves the row to be sent
 * again, under the same delivery id.
 */
@Injectable()
export class WebhookDispatcher implements OnApplicationShutdown {
  private readonly logger = new Logger('Webhooks')
  private readonly inFlight = new Set<Promise<void>>()
  private taking?: Promise<void>
  private stopping = false

  constructor(
    private readonly webhooks: WebhookDeliveriesRepository,
    private readonly secrets: WebhookSecrets,
    private readonly sender: WebhookSender,
    private readonly config: Config,
  ) {}

  @Interval(POLL_MS)
  async tick(): Promise<void> {
    if (this.stopping || this.taking || this.inFlight.size >= MAX_IN_FLIGHT) return
    this.taking = this.take()
    await this.taking.catch((error: unknown) => this.logger.warn(`webhooks wait: ${String(error)}`))
    this.taking = undefined
  }

  @Interval(HOUR_MS)
  async purge(): Promise<void> {
    const before = new Date(Date.now() - this.config.logRetentionDays * DAY_MS)
    try {
      while (await this.webhooks.purge(before));
    } catch (error) {
      this.logger.warn(`old deliveries were not deleted: ${String(error)}`)
    }
  }

  async onApplicationShutdown(): Promise<void> {
    this.stopping = true
    await this.taking?.catch(() => undefined)
    await Promise.all(this.inFlight)
  }

  private async take(): Promise<void> {
    await this.webhooks.evaluatePending(MAX_EVALUATED)
    const due = await this.webhooks.takeDue(MAX_IN_FLIGHT - this.inFlight.size, LEASE_SECONDS)
    for (const delivery of due) {
      const sending = this.deliver(delivery).finally(() => this.inFlight.delete(sending))
      this.inFlight.add(sending)
    }
  }

  private async deliver(delivery: DueDelivery): Promise<void> {
    try {
      const attempt = await this.sender.send({
        deliveryId: delivery.id,
        url: delivery.url,
        secret: this.secrets.secretOf(delivery.userId, delivery),
        body: bodyOf(delivery),
      })
      await this.record(delivery, attempt)
    } catch (error) {
      // Its lease ends by itself, and then it is tried again.
      this.logger.warn(`${delivery.id}: ${String(error)}`)
    }
  }

  private async record(delivery: DueDelivery, attempt: Attempt): Promise<void> {
    const retrySeconds = attempt.error === null ? null : retryDelaySeconds(delivery.attempts)
    const ended = attempt.error === null ? ('delivered' as const) : ('failed' as const)
    await this.webhooks.record(delivery, {
      ...attempt,
      retrySeconds,
      status: retrySeconds === null ? ended : 'pending',
    })
  }
}

/** The same bytes with every try. */
function bodyOf({ userId, balance, threshold, createdAt }: DueDelivery): string {
  return JSON.stringify({ type: 'credits.low', userId, balance, threshold, at: createdAt.toISOString() })
}
