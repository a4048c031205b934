import { Injectable } from '@nestjs/common'
import { In, IsNull, LessThan, Not, type Repository } from 'typeorm'
import { Database } from '../../infrastructure/database/database.js'
import { IngestionEntity } from '../ingestion.entity.js'

const MAX_IN_DELETION = 100

/** Taking the rows of jobs out again: asked for, tried, done. */
@Injectable()
export class IngestionDeletionsRepository {
  constructor(private readonly database: Database) {}

  /**
   * Marks the job's rows as being taken out, which somebody then finishes; `deletionAttempt` counts the tries. null when
   * the job has not ended, or its rows are out already.
   */
  begin(id: string): Promise<IngestionEntity | null> {
    return this.database.transaction(async () => {
      const { affected } = await this.jobs.update(
        { id, status: Not(In(['queued', 'running'])), deletedAt: IsNull() },
        {
          deletionStartedAt: () => 'coalesce(deletion_started_at, now())',
          deletionAttempt: () => 'deletion_attempt + 1',
        },
      )
      return affected === 1 ? this.jobs.findOneBy({ id }) : null
    })
  }

  /** A later try finds those that an earlier one has left. */
  async recordRows(id: string, rowsDeleted: number): Promise<void> {
    await this.jobs.update({ id, rowsDeleted: LessThan(rowsDeleted) }, { rowsDeleted })
  }

  /** `rowsDeleted` stays as it was recorded when it is not given. */
  async finish(id: string, rowsDeleted?: number): Promise<void> {
    await this.jobs.update({ id, deletedAt: IsNull() }, { deletedAt: () => 'now()', rowsDeleted })
  }

  /** Jobs whose rows are being taken out: by a process that works on it, or by one that died over it. */
  async findBegun(): Promise<string[]> {
    const jobs = await this.jobs.find({
      select: { id: true },
      where: { deletionStartedAt: Not(IsNull()), deletedAt: IsNull() },
      order: { deletionStartedAt: 'ASC' },
      take: MAX_IN_DELETION,
    })
    return jobs.map(({ id }) => id)
  }

  private get jobs(): Repository<IngestionEntity> {
    return this.database.repository(IngestionEntity)
  }
}
