import type { DeepPartial, FindOptionsWhere, ObjectLiteral, Repository, SelectQueryBuilder } from 'typeorm'
import type { QueryDeepPartialEntity } from 'typeorm/query-builder/QueryPartialEntity.js'
import { pageOf, type Page, type PageQuery } from '../../common/pagination.dto.js'
import type { Database } from './database.js'

/** What the repositories of entities with an id have in common; every call takes part in the transaction around it. */
export abstract class EntityRepository<Entity extends ObjectLiteral & { id: string }> {
  protected constructor(
    protected readonly database: Database,
    private readonly entity: new () => Entity,
  ) {}

  protected get rows(): Repository<Entity> {
    return this.database.repository(this.entity)
  }

  async insert(values: DeepPartial<Entity>): Promise<Entity> {
    const row = this.rows.create(values)
    await this.rows.insert(row)
    return row
  }

  /** In one statement. */
  async insertAll(values: DeepPartial<Entity>[]): Promise<Entity[]> {
    const rows = this.rows.create(values)
    await this.rows.insert(rows)
    return rows
  }

  find(id: string): Promise<Entity | null> {
    return this.rows.findOneBy(this.of(id))
  }

  /** The changed row; null when there is none. What is undefined stays. */
  async update(id: string, changes: QueryDeepPartialEntity<Entity>): Promise<Entity | null> {
    if (Object.values(changes).some((value) => value !== undefined)) await this.rows.update(this.of(id), changes)
    return this.find(id)
  }

  /** False when there is no such row. */
  async remove(id: string): Promise<boolean> {
    const { affected } = await this.rows.delete(this.of(id))
    return affected === 1
  }

  /** One page of the query and the number of all that it finds, in one statement unless the page lies behind the last. */
  protected async page(query: SelectQueryBuilder<Entity>, page: PageQuery): Promise<Page<Entity>> {
    const count = query.clone().orderBy().select('count(*)', 'total')
    const { entities, raw } = await query
      .addSelect(`(${count.getQuery()})`, 'total')
      .limit(page.limit)
      .offset(page.offset)
      .getRawAndEntities<{ total: string }>()
    const { total = 0 } = raw[0] ?? (page.offset > 0 ? await count.getRawOne<{ total: string }>() : undefined) ?? {}
    return pageOf(entities, page, Number(total))
  }

  private of(id: string): FindOptionsWhere<Entity> {
    return { id } as FindOptionsWhere<Entity>
  }
}
