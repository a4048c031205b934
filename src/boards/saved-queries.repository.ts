import { Injectable } from '@nestjs/common'
import type { SelectQueryBuilder } from 'typeorm'
import type { Page } from '../common/pagination.dto.js'
import { Database } from '../infrastructure/database/database.js'
import { EntityRepository } from '../infrastructure/database/entity-repository.js'
import { filterShareables, savedQuerySql, type Reach } from './reach.js'
import type { ListSavedQueriesQuery } from './saved-query.dto.js'
import { SavedQueryEntity } from './saved-query.entity.js'

/** Saved queries, of which only those are found that exist for the caller. */
@Injectable()
export class SavedQueriesRepository extends EntityRepository<SavedQueryEntity> {
  constructor(database: Database) {
    super(database, SavedQueryEntity)
  }

  list(filter: ListSavedQueriesQuery, reach: Reach): Promise<Page<SavedQueryEntity>> {
    const query = filterShareables(this.within(reach), 'saved', filter, reach)
    if (filter.dataset) query.andWhere('saved.dataset = :dataset', { dataset: filter.dataset })
    return this.page(query, filter)
  }

  findAll(ids: string[], reach: Reach): Promise<SavedQueryEntity[]> {
    if (ids.length === 0) return Promise.resolve([])
    return this.within(reach).andWhere('saved.id IN (:...ids)', { ids }).getMany()
  }

  findWithin(id: string, reach: Reach): Promise<SavedQueryEntity | null> {
    return this.within(reach).andWhere('saved.id = :id', { id }).getOne()
  }

  /** As it is now; others that want to change it wait for the end of the transaction around. */
  lock(id: string, reach: Reach): Promise<SavedQueryEntity | null> {
    return this.within(reach).andWhere('saved.id = :id', { id }).setLock('pessimistic_write').getOne()
  }

  /** The changed one. */
  change(saved: SavedQueryEntity, changes: Partial<SavedQueryEntity>): Promise<SavedQueryEntity> {
    return this.rows.save(Object.assign(saved, changes, { revision: saved.revision + 1 }))
  }

  countOf(userId: string): Promise<number> {
    return this.rows.countBy({ userId })
  }

  /** By the id of the account; of deleted ones too. */
  async usernames(userIds: (string | null)[]): Promise<Map<string, string>> {
    const ids = [...new Set(userIds)].filter((id) => id !== null)
    if (ids.length === 0) return new Map()
    const rows = await this.database.query<{ id: string; username: string }>(
      'SELECT id, username FROM users WHERE id = ANY($1)',
      [ids],
    )
    return new Map(rows.map(({ id, username }) => [id, username]))
  }

  private within(reach: Reach): SelectQueryBuilder<SavedQueryEntity> {
    return this.rows.createQueryBuilder('saved').where(savedQuerySql('saved', reach), reach)
  }
}
