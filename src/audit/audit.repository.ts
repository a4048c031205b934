import { Injectable } from '@nestjs/common'
import type { Page } from '../common/pagination.dto.js'
import { Database } from '../infrastructure/database/database.js'
import { EntityRepository } from '../infrastructure/database/entity-repository.js'
import { AuditEntryEntity } from './audit-entry.entity.js'
import type { AuditQuery } from './audit.dto.js'

@Injectable()
export class AuditRepository extends EntityRepository<AuditEntryEntity> {
  constructor(database: Database) {
    super(database, AuditEntryEntity)
  }

  /** Newest first. */
  list(filter: AuditQuery): Promise<Page<AuditEntryEntity>> {
    const { actor, action, target, from, to } = filter
    const query = this.rows.createQueryBuilder('entry').orderBy('entry.seq', 'DESC')
    if (actor) query.andWhere('entry.actor = :actor', { actor })
    if (action) query.andWhere('entry.action = :action', { action })
    if (target) query.andWhere('entry.target = :target', { target })
    if (from) query.andWhere('entry.at >= :from', { from })
    if (to) query.andWhere('entry.at < :to', { to })
    return this.page(query, filter)
  }
}
