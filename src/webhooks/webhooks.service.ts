import { Injectable } from '@nestjs/common'
import { v7 as uuidv7 } from 'uuid'
import { AppError, NotFoundError, ValidationError } from '../common/errors/app-error.js'
import { checkedOutboundUrl } from '../common/http/outbound-url.js'
import { pageOf, type Page, type PageQuery } from '../common/pagination.dto.js'
import { Config } from '../config/config.js'
import { Database } from '../infrastructure/database/database.js'
import { WebhookDeliveriesRepository } from './webhook-deliveries.repository.js'
import { WebhookDelivery } from './webhook-deliveries.dto.js'
import { isAboutUser, TEST_EVENT, type WebhookEvent } from './webhook-events.js'
import { webhookRule } from './webhook-rule.js'
import { generateSecret, WebhookSecrets } from './webhook-secrets.js'
import type { WebhookEntity } from './webhook.entity.js'
import { Webhook, type CreateWebhookBody, type UpdateWebhookBody, type WebhookWithSecret } from './webhooks.dto.js'
import { WebhookDisabledError } from './webhooks.errors.js'
import { WebhooksRepository } from './webhooks.repository.js'

/** Each event is written once for each. */
const MAX_WEBHOOKS = 100
export const DEFAULT_OVERLAP_SECONDS = 86_400

/** Webhooks by Standard Webhooks, as admins set them. */
@Injectable()
export class WebhooksService {
  constructor(
    private readonly webhooks: WebhooksRepository,
    private readonly deliveries: WebhookDeliveriesRepository,
    private readonly secrets: WebhookSecrets,
    private readonly database: Database,
    private readonly config: Config,
  ) {}

  async list(page: PageQuery): Promise<Page<Webhook>> {
    const { data, pagination } = await this.webhooks.listStandard(page)
    return pageOf(
      data.map((webhook) => Webhook.of(webhook)),
      page,
      pagination.total,
    )
  }

  async get(id: string): Promise<Webhook> {
    return Webhook.of(await this.find(id))
  }

  async create({ url, events, userId = null }: CreateWebhookBody): Promise<WebhookWithSecret> {
    await this.requireTarget(events, userId)
    const checkedUrl = await this.checkedUrl(url)
    if ((await this.webhooks.countStandard()) >= MAX_WEBHOOKS)
      throw new AppError('CONFLICT', `There may be ${MAX_WEBHOOKS} webhooks; delete one first.`)
    const id = uuidv7()
    const secret = generateSecret('standard')
    const columns = this.secrets.columnsOf(id, { current: secret })
    await this.webhooks.insert({ id, kind: 'standard', url: checkedUrl, events, userId, ...columns })
    return { ...(await this.get(id)), secret }
  }

  /** The secret stays, also with another URL. */
  async update(id: string, { url, events, userId, status }: UpdateWebhookBody): Promise<Webhook> {
    const checkedUrl = url === undefined ? undefined : await this.checkedUrl(url)
    return this.database.transaction(async () => {
      const webhook = await this.lock(id)
      await this.requireTarget(events ?? webhook.events, userId === undefined ? webhook.userId : userId)
      const changed = await this.webhooks.update(id, {
        url: checkedUrl,
        events,
        userId,
        ...enablement(webhook, status),
      })
      if (status === 'disabled') await this.deliveries.cancelPending(id)
      return Webhook.of(changed!)
    })
  }

  async remove(id: string): Promise<void> {
    await this.database.transaction(async () => {
      await this.lock(id)
      await this.webhooks.remove(id)
      await this.deliveries.cancelPending(id)
    })
  }

  /** A new secret. For `overlapSeconds` deliveries are signed with both, so that receivers can change over. */
  async rotate(id: string, overlapSeconds = DEFAULT_OVERLAP_SECONDS): Promise<WebhookWithSecret> {
    const secret = generateSecret('standard')
    return this.database.transaction(async () => {
      const webhook = await this.lock(id)
      const previous = overlapSeconds > 0 ? this.secrets.secretsOf(id, webhook).current : undefined
      const changed = await this.webhooks.update(id, {
        ...this.secrets.columnsOf(id, { current: secret, previous }),
        previousSecretExpiresAt: previous === undefined ? null : new Date(Date.now() + overlapSeconds * 1000),
      })
      return { ...Webhook.of(changed!), secret }
    })
  }

  /** Sends an event that says nothing, once. */
  test(id: string): Promise<WebhookDelivery> {
    return this.database.transaction(async () => {
      await this.requireActive(id)
      return WebhookDelivery.of(await this.deliveries.addOnce(id, TEST_EVENT, { webhookId: id }))
    })
  }

  async listDeliveries(id: string, page: PageQuery): Promise<Page<WebhookDelivery>> {
    await this.find(id)
    const { data, pagination } = await this.deliveries.list(id, page)
    return pageOf(
      data.map((delivery) => WebhookDelivery.of(delivery)),
      page,
      pagination.total,
    )
  }

  /** Under the id that it had, whatever became of it: a receiver that has it already knows it by that. */
  resend(id: string, deliveryId: string): Promise<WebhookDelivery> {
    return this.database.transaction(async () => {
      await this.requireActive(id)
      const delivery = await this.deliveries.sendAgain(id, deliveryId)
      if (!delivery) throw new NotFoundError('The delivery')
      return WebhookDelivery.of(delivery)
    })
  }

  private async find(id: string): Promise<WebhookEntity> {
    const webhook = await this.webhooks.findStandard(id)
    if (!webhook) throw new NotFoundError('The webhook')
    return webhook
  }

  private async lock(id: string): Promise<WebhookEntity> {
    const webhook = await this.webhooks.lockStandard(id)
    if (!webhook) throw new NotFoundError('The webhook')
    return webhook
  }

  /** Locked: whoever disables it meanwhile cancels what is written behind this. */
  private async requireActive(id: string): Promise<void> {
    if ((await this.lock(id)).disabledAt !== null) throw new WebhookDisabledError()
  }

  private async requireTarget(events: WebhookEvent[], userId: string | null): Promise<void> {
    if (userId === null) return
    const others = events.filter((event) => !isAboutUser(event))
    if (others.length > 0) {
      const message = `${others.join(', ')} ${others.length === 1 ? 'belongs' : 'belong'} to no user; leave userId or them out`
      throw new ValidationError([{ path: 'events', message }])
    }
    if (!(await this.webhooks.userExists(userId))) throw new NotFoundError('The user')
  }

  private checkedUrl(url: string): Promise<string> {
    return checkedOutboundUrl(url, webhookRule(this.config))
  }
}

/** What of it changes; nothing when it is so already, and the reason of a receiver that is gone stays. */
function enablement({ disabledAt }: WebhookEntity, status: UpdateWebhookBody['status']): Partial<WebhookEntity> {
  if (status === 'active') return { disabledAt: null, disabledReason: null }
  if (status === 'disabled' && disabledAt === null)
    return { disabledAt: new Date(), disabledReason: 'An admin disabled it.' }
  return {}
}
