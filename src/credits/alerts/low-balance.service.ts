import { isDeepStrictEqual } from 'node:util'
import { Injectable } from '@nestjs/common'
import { NotFoundError } from '../../common/errors/app-error.js'
import { checkedOutboundUrl } from '../../common/http/outbound-url.js'
import { pageOf, type Page, type PageQuery } from '../../common/pagination.dto.js'
import { Config } from '../../config/config.js'
import { Database } from '../../infrastructure/database/database.js'
import { WebhookDeliveriesRepository } from '../../webhooks/webhook-deliveries.repository.js'
import { webhookRule } from '../../webhooks/webhook-rule.js'
import { generateSecret, WebhookSecrets } from '../../webhooks/webhook-secrets.js'
import { WebhooksRepository } from '../../webhooks/webhooks.repository.js'
import {
  LowBalanceDelivery,
  type LowBalance,
  type LowBalanceBody,
  type LowBalanceWithSecret,
} from './low-balance.dto.js'
import { LowBalanceRepository } from './low-balance.repository.js'

/** Alerts of a low balance: one threshold and one receiver per user, a webhook of its own kind under the user's id. */
@Injectable()
export class LowBalanceService {
  constructor(
    private readonly thresholds: LowBalanceRepository,
    private readonly webhooks: WebhooksRepository,
    private readonly webhookDeliveries: WebhookDeliveriesRepository,
    private readonly secrets: WebhookSecrets,
    private readonly database: Database,
    private readonly config: Config,
  ) {}

  /** The secret stays with its URL: another receiver must not be able to sign for the one before it. */
  async put(userId: string, { url: given, threshold }: LowBalanceBody): Promise<LowBalanceWithSecret> {
    const url = await checkedOutboundUrl(given, webhookRule(this.config))
    return this.database.transaction(async () => {
      if (!(await this.thresholds.lockAccount(userId))) throw new NotFoundError('The user')
      const known = await this.webhooks.find(userId)
      const current = known?.url === url ? this.secrets.secretsOf(userId, known).current : generateSecret('low-balance')
      await this.webhooks.putLowBalance({ id: userId, url, ...this.secrets.columnsOf(userId, { current }) })
      const isNew = !known || !isDeepStrictEqual(await this.thresholds.find(userId), threshold)
      if (isNew) await this.thresholds.put(userId, threshold)
      return { threshold, url, secret: current }
    })
  }

  async get(userId: string): Promise<LowBalance> {
    const [alert, threshold] = await Promise.all([this.webhooks.find(userId), this.thresholds.find(userId)])
    if (!alert || threshold === undefined) throw new NotFoundError('The alert')
    return { threshold, url: alert.url }
  }

  /** Switches it off; what was not delivered yet is not any more. */
  async remove(userId: string): Promise<void> {
    await this.database.transaction(async () => {
      await this.thresholds.lockAccount(userId)
      if (!(await this.webhooks.remove(userId))) throw new NotFoundError('The alert')
      await this.thresholds.reset(userId)
      await this.webhookDeliveries.cancelPending(userId)
    })
  }

  async deliveries(userId: string, page: PageQuery): Promise<Page<LowBalanceDelivery>> {
    if (!(await this.webhooks.userExists(userId))) throw new NotFoundError('The user')
    const { data, pagination } = await this.webhookDeliveries.list(userId, page)
    return pageOf(
      data.map((delivery) => LowBalanceDelivery.of(delivery)),
      page,
      pagination.total,
    )
  }
}
