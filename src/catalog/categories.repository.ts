import { Injectable } from '@nestjs/common'
import { In } from 'typeorm'
import type { Page, PageQuery } from '../common/pagination.dto.js'
import { Database } from '../infrastructure/database/database.js'
import { EntityRepository } from '../infrastructure/database/entity-repository.js'
import { CategoryEntity } from './category.entity.js'

@Injectable()
export class CategoriesRepository extends EntityRepository<CategoryEntity> {
  constructor(database: Database) {
    super(database, CategoryEntity)
  }

  /** By name, ignoring case. */
  list(page: PageQuery): Promise<Page<CategoryEntity>> {
    const query = this.rows.createQueryBuilder('category').orderBy('lower(category.name)').addOrderBy('category.id')
    return this.page(query, page)
  }

  /** Those of these ids that exist; nobody can delete them until the transaction ends. */
  async hold(ids: string[]): Promise<Set<string>> {
    const found = await this.rows.find({
      select: { id: true },
      where: { id: In([...new Set(ids)]) },
      lock: { mode: 'for_key_share' },
    })
    return new Set(found.map(({ id }) => id))
  }
}
