import { Injectable } from '@nestjs/common'
import { IsNull, MoreThan, type DeepPartial } from 'typeorm'
import { Database } from '../../infrastructure/database/database.js'
import { EntityRepository } from '../../infrastructure/database/entity-repository.js'
import { DatasetEntity } from './dataset.entity.js'
import type { Declaration } from './declaration.js'

/** The declarations of this installation. */
@Injectable()
export class DeclaredDatasetsRepository extends EntityRepository<DatasetEntity> {
  constructor(database: Database) {
    super(database, DatasetEntity)
  }

  /** In the order of their names. */
  findStanding(): Promise<DatasetEntity[]> {
    return this.rows.find({ where: { droppedAt: IsNull() }, order: { name: 'ASC' } })
  }

  /** Those that stand, and those that other instances may not know to be gone yet. */
  async findTables(goneForMs: number): Promise<string[]> {
    const since = new Date(Date.now() - goneForMs)
    const datasets = await this.rows.find({ where: [{ droppedAt: IsNull() }, { droppedAt: MoreThan(since) }] })
    return datasets.map(({ table }) => table)
  }

  findByName(name: string): Promise<DatasetEntity | null> {
    return this.rows.findOneBy({ name, droppedAt: IsNull() })
  }

  /** As it is now; others that want to change it wait for the end of the transaction around. */
  lock(name: string): Promise<DatasetEntity | null> {
    return this.rows.findOne({ where: { name, droppedAt: IsNull() }, lock: { mode: 'pessimistic_write' } })
  }

  /** The changed declaration. */
  change(dataset: DatasetEntity, changes: Partial<Declaration>): Promise<DatasetEntity> {
    return this.rows.save(
      this.rows.merge(dataset, changes as DeepPartial<DatasetEntity>, { revision: dataset.revision + 1 }),
    )
  }

  async drop(dataset: DatasetEntity): Promise<void> {
    await this.rows.update({ id: dataset.id }, { droppedAt: () => 'now()' })
    await this.database.query('DELETE FROM dataset_versions WHERE dataset = $1', [dataset.name])
    await this.database.query('DELETE FROM table_fingerprints WHERE dataset = $1', [dataset.table])
  }
}
