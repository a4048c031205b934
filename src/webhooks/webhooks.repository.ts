import { Injectable } from '@nestjs/common'
import { IsNull } from 'typeorm'
import type { Page, PageQuery } from '../common/pagination.dto.js'
import { Database } from '../infrastructure/database/database.js'
import { EntityRepository } from '../infrastructure/database/entity-repository.js'
import { WebhookEntity } from './webhook.entity.js'

/** The receivers of webhooks. */
@Injectable()
export class WebhooksRepository extends EntityRepository<WebhookEntity> {
  constructor(database: Database) {
    super(database, WebhookEntity)
  }

  /** Those by Standard Webhooks, newest first. */
  listStandard(page: PageQuery): Promise<Page<WebhookEntity>> {
    const query = this.rows.createQueryBuilder('webhook').where(`webhook.kind = 'standard'`)
    return this.page(query.orderBy('webhook.createdAt', 'DESC').addOrderBy('webhook.id', 'DESC'), page)
  }

  findStandard(id: string): Promise<WebhookEntity | null> {
    return this.rows.findOneBy({ id, kind: 'standard' })
  }

  /** Locked, so that what is read and written next is one step. */
  lockStandard(id: string): Promise<WebhookEntity | null> {
    return this.rows.findOne({ where: { id, kind: 'standard' }, lock: { mode: 'for_no_key_update' } })
  }

  countStandard(): Promise<number> {
    return this.rows.countBy({ kind: 'standard' })
  }

  /** Enabled, also where it was not. */
  async putLowBalance(webhook: Pick<WebhookEntity, 'id' | 'url' | 'secret' | 'secretCiphertext'>): Promise<void> {
    const { id: userId } = webhook
    const enabled = { disabledAt: null, disabledReason: null }
    await this.rows.upsert({ ...webhook, ...enabled, kind: 'low-balance', userId, events: ['credits.low'] }, ['id'])
  }

  /** False when it is disabled already, or goes elsewhere by now. */
  async disable(id: string, url: string, reason: string): Promise<boolean> {
    const { affected } = await this.rows.update(
      { id, url, disabledAt: IsNull() },
      { disabledAt: () => 'now()', disabledReason: reason },
    )
    return affected === 1
  }

  async userExists(userId: string): Promise<boolean> {
    const rows = await this.database.query('SELECT 1 FROM users WHERE id = $1 AND deleted_at IS NULL', [userId])
    return rows.length > 0
  }
}
