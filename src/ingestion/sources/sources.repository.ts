import { Injectable } from '@nestjs/common'
import type { QueryDeepPartialEntity } from 'typeorm/query-builder/QueryPartialEntity.js'
import type { Page, PageQuery } from '../../common/pagination.dto.js'
import { AppError } from '../../common/errors/app-error.js'
import { Database } from '../../infrastructure/database/database.js'
import { uniqueViolation } from '../../infrastructure/database/database-errors.js'
import { EntityRepository } from '../../infrastructure/database/entity-repository.js'
import { SourceEntity } from './source.entity.js'

/** The sources of datasets as admins see and change them. */
@Injectable()
export class SourcesRepository extends EntityRepository<SourceEntity> {
  constructor(database: Database) {
    super(database, SourceEntity)
  }

  /** CONFLICT when the dataset has a source of that name. */
  async create(source: Partial<SourceEntity>): Promise<SourceEntity> {
    await named(source.name, () => this.insert(source))
    return (await this.find(source.id!))!
  }

  findIn(dataset: string, id: string): Promise<SourceEntity | null> {
    return this.rows.findOneBy({ dataset, id })
  }

  count(dataset: string): Promise<number> {
    return this.rows.countBy({ dataset })
  }

  /** By name. */
  list(dataset: string, page: PageQuery): Promise<Page<SourceEntity>> {
    const query = this.rows.createQueryBuilder('source').where({ dataset })
    return this.page(query.orderBy('source.name').addOrderBy('source.id'), page)
  }

  /** A run that is under way ends without a trace: it read by other settings. */
  async change(id: string, changes: QueryDeepPartialEntity<SourceEntity>): Promise<SourceEntity> {
    const stopped = { leaseId: null, leaseExpiresAt: null }
    return (await named(changes.name as string, () => this.update(id, { ...changes, ...stopped })))!
  }

  async removeOf(dataset: string): Promise<void> {
    await this.rows.delete({ dataset })
  }

  /** Asks for a run now. What was asked for and has not begun stays asked for. */
  async requestRun(id: string, retryFailed: boolean): Promise<SourceEntity> {
    await this.database.query(
      `UPDATE dataset_sources SET run_requested_at = clock_timestamp(), retry_failed = retry_failed OR $2 WHERE id = $1`,
      [id, retryFailed],
    )
    return (await this.find(id))!
  }
}

async function named<T>(name: string | undefined, write: () => Promise<T>): Promise<T> {
  try {
    return await write()
  } catch (error) {
    if (uniqueViolation(error) !== 'dataset_sources_name_unique') throw error
    throw new AppError('CONFLICT', `This dataset has a source with the name "${name}"; choose another name.`)
  }
}
