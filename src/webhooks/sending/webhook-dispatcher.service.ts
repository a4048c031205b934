import { Injectable, Logger, type OnApplicationShutdown } from '@nestjs/common'
import { Interval } from '@nestjs/schedule'
import { Database } from '../../infrastructure/database/database.js'
import { WebhookDeliveriesRepository } from '../webhook-deliveries.repository.js'
import { WebhookSecrets } from '../webhook-secrets.js'
import { WebhooksRepository } from '../webhooks.repository.js'
import { DueDeliveriesRepository, type DueDelivery } from './due-deliveries.repository.js'
import { retryDelaySeconds } from './retry-schedule.js'
import { Shares } from './shares.js'
import { signedMessage } from './webhook-message.js'
import { countAttempt, type AttemptOutcome } from './webhook-metrics.js'
import { SEND_TIMEOUT_MS, WebhookSender, type Attempt } from './webhook-sender.js'

const POLL_MS = 1_000
const MAX_IN_FLIGHT = 64
/** Of one webhook: 16 of them that do not answer at all before the others have to wait. */
const MAX_PER_WEBHOOK = 4
/** Longer than a try takes, with its end written down. */
const LEASE_SECONDS = (2 * SEND_TIMEOUT_MS) / 1000
const GONE = 410

/**
 * Sends what the outbox holds. Every process does; a row is locked by the one that takes it, so each try is one
 * instance's. At least once: a process that dies between the receiver's response and its record leaves the row to be
 * sent again, under the same id.
 */
@Injectable()
export class WebhookDispatcher implements OnApplicationShutdown {
  private readonly logger = new Logger('Webhooks')
  private readonly shares = new Shares()
  private taking?: Promise<void>
  private stopping = false

  constructor(
    private readonly due: DueDeliveriesRepository,
    private readonly deliveries: WebhookDeliveriesRepository,
    private readonly webhooks: WebhooksRepository,
    private readonly secrets: WebhookSecrets,
    private readonly sender: WebhookSender,
    private readonly database: Database,
  ) {}

  @Interval(POLL_MS)
  async tick(): Promise<void> {
    if (this.stopping || this.taking || this.shares.size >= MAX_IN_FLIGHT) return
    this.taking = this.take()
    await this.taking.catch((error: unknown) => this.logger.warn(`webhooks wait: ${String(error)}`))
    this.taking = undefined
  }

  async onApplicationShutdown(): Promise<void> {
    this.stopping = true
    await this.taking?.catch(() => undefined)
    await this.shares.allEnded()
  }

  private async take(): Promise<void> {
    const due = await this.due.take({
      total: MAX_IN_FLIGHT - this.shares.size,
      perWebhook: MAX_PER_WEBHOOK,
      inFlight: this.shares.byWebhook,
      leaseSeconds: LEASE_SECONDS,
    })
    for (const delivery of due) this.shares.add(delivery.webhookId, this.deliver(delivery))
  }

  private async deliver(delivery: DueDelivery): Promise<void> {
    const startedAt = performance.now()
    try {
      const attempt = await this.send(delivery)
      const outcome = await this.record(delivery, attempt)
      countAttempt(delivery.event, outcome, (performance.now() - startedAt) / 1000)
    } catch (error) {
      // Its lease ends by itself, and then it is tried again.
      this.logger.warn(`${delivery.id}: ${String(error)}`)
    }
  }

  private send(delivery: DueDelivery): Promise<Attempt> {
    const { current, previous } = this.secrets.secretsOf(delivery.webhookId, delivery)
    const secrets = delivery.hasPreviousSecret ? { current, previous } : { current }
    const { body, headers } = signedMessage(delivery.kind, delivery, secrets, new Date())
    return this.sender.send(delivery.url, body, headers)
  }

  private async record(delivery: DueDelivery, attempt: Attempt): Promise<AttemptOutcome> {
    if (attempt.error === null) {
      await this.due.record(delivery, { ...attempt, status: 'delivered', retrySeconds: null })
      return 'delivered'
    }
    const isGone = attempt.responseStatus === GONE
    const retrySeconds = isGone ? null : retryDelaySeconds(delivery.attempts, delivery.secondsLeft)
    const status = retrySeconds === null ? 'failed' : 'pending'
    const record = (): Promise<void> => this.due.record(delivery, { ...attempt, status, retrySeconds })
    await (isGone ? this.disable(delivery, record) : record())
    return retrySeconds === null ? 'given-up' : 'retried'
  }

  /** The receiver wants no more. The webhook is locked before its deliveries, as by whoever changes or deletes it. */
  private async disable({ webhookId, url }: DueDelivery, record: () => Promise<void>): Promise<void> {
    await this.database.transaction(async () => {
      const isDisabled = await this.webhooks.disable(webhookId, url, 'The receiver responded with 410 Gone.')
      await record()
      if (isDisabled) await this.deliveries.cancelPending(webhookId)
    })
  }
}
