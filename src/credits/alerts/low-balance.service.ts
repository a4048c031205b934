import { Injectable } from '@nestjs/common'
import { NotFoundError } from '../../common/errors/app-error.js'
import { checkedOutboundUrl } from '../../common/http/outbound-url.js'
import type { Page, PageQuery } from '../../common/pagination.dto.js'
import { Config } from '../../config/config.js'
import { Database } from '../../infrastructure/database/database.js'
import type { LowBalance, LowBalanceBody, LowBalanceWithSecret, WebhookDelivery } from './low-balance.dto.js'
import { LowBalanceRepository } from './low-balance.repository.js'
import { WebhookDeliveriesRepository } from './webhook-deliveries.repository.js'
import { WebhookSecrets } from './webhook-secrets.js'
import { generateWebhookSecret } from './webhook-signature.js'
import { webhookRule } from './webhook-rule.js'

/** Alerts of a low balance: one threshold and one receiver per user. */
@Injectable()
export class LowBalanceService {
  constructor(
    private readonly alerts: LowBalanceRepository,
    private readonly webhooks: WebhookDeliveriesRepository,
    private readonly secrets: WebhookSecrets,
    private readonly database: Database,
    private readonly config: Config,
  ) {}

  /** The secret stays with its URL: another receiver must not be able to sign for the one before it. */
  async put(userId: string, body: LowBalanceBody): Promise<LowBalanceWithSecret> {
    const url = await checkedOutboundUrl(body.url, webhookRule(this.config))
    return this.database.transaction(async () => {
      if (!(await this.alerts.lockAccount(userId))) throw new NotFoundError('The user')
      const known = await this.alerts.find(userId)
      const secret = known?.url === url ? this.secrets.secretOf(userId, known) : generateWebhookSecret()
      await this.alerts.put(userId, { threshold: body.threshold, url, ...this.secrets.columnsOf(userId, secret) })
      return { threshold: body.threshold, url, secret }
    })
  }

  async get(userId: string): Promise<LowBalance> {
    const alert = await this.alerts.find(userId)
    if (!alert) throw new NotFoundError('The alert')
    return { threshold: alert.threshold, url: alert.url }
  }

  /** Switches it off; what was not delivered yet is not any more. */
  async remove(userId: string): Promise<void> {
    await this.database.transaction(async () => {
      await this.alerts.lockAccount(userId)
      if (!(await this.alerts.remove(userId))) throw new NotFoundError('The alert')
      await this.webhooks.cancelPending(userId)
    })
  }

  async deliveries(userId: string, page: PageQuery): Promise<Page<WebhookDelivery>> {
    if (!(await this.alerts.userExists(userId))) throw new NotFoundError('The user')
    return this.webhooks.list(userId, page)
  }
}
