import { Injectable } from '@nestjs/common'
import { NotFoundError } from '../common/app-error.js'
import { pageOf, type Page, type PageQuery } from '../common/pagination.dto.js'
import { Config } from '../config/config.js'
import { Database } from '../database/database.js'
import type { LowBalance, LowBalanceBody, LowBalanceWithSecret, WebhookDelivery } from './low-balance.dto.js'
import { LowBalanceRepository } from './low-balance.repository.js'
import { WebhookSecrets } from './webhook-secrets.js'
import { generateWebhookSecret } from './webhook-signature.js'
import { checkedWebhookUrl } from './webhook-url.js'

/** Alerts of a low balance: one threshold and one receiver per user. */
@Injectable()
export class LowBalanceService {
  constructor(
    private readonly alerts: LowBalanceRepository,
    private readonly secrets: WebhookSecrets,
    private readonly database: Database,
    private readonly config: Config,
  ) {}

  /** The secret stays with its URL: another receiver must not be able to sign for the one before it. */
  async put(userId: string, body: LowBalanceBody): Promise<LowBalanceWithSecret> {
    const url = await checkedWebhookUrl(body.url, this.config.webhookAllowPrivate)
    return this.database.transaction(async () => {
      if (!(await this.alerts.lockAccount(userId))) throw new NotFoundError('The user')
      const known = await this.alerts.find(userId)
      const secret = known?.url === url ? this.secrets.read(userId, known.secret) : generateWebhookSecret()
      await this.alerts.put(userId, { threshold: body.threshold, url, secret: this.secrets.stored(userId, secret) })
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
    })
  }

  async deliveries(userId: string, page: PageQuery): Promise<Page<WebhookDelivery>> {
    if (!(await this.alerts.userExists(userId))) throw new NotFoundError('The user')
    const { rows, total } = await this.alerts.deliveries(userId, page)
    return pageOf(rows, page, total)
  }
}
