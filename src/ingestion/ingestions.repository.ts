import { Injectable } from '@nestjs/common'
import { In, IsNull, Not } from 'typeorm'
import type { Page, PageQuery } from '../common/pagination.dto.js'
import { Database } from '../infrastructure/database/database.js'
import { EntityRepository } from '../infrastructure/database/entity-repository.js'
import { INGESTION_STATUSES, type IngestionStatus } from './ingestion.js'
import { IngestionEntity } from './ingestion.entity.js'
import { countEnded } from './loading/ingestion-metrics.js'

export type NewIngestion = Pick<
  IngestionEntity,
  | 'id'
  | 'dataset'
  | 'format'
  | 'compression'
  | 'encoding'
  | 'fileName'
  | 'mapping'
  | 'fileOptions'
  | 'onError'
  | 'maxRejected'
  | 'forced'
  | 'sha256'
  | 'bytesTotal'
>

type Totals = Record<IngestionStatus | 'rowsAccepted' | 'rowsRejected', number>

/** The jobs as callers see them. Their rows are the durable state of every ingestion, whatever carries the messages. */
@Injectable()
export class IngestionsRepository extends EntityRepository<IngestionEntity> {
  constructor(database: Database) {
    super(database, IngestionEntity)
  }

  /** null when the same content is being loaded or was loaded already (the index ingestions_content_unique). */
  async create(job: NewIngestion): Promise<IngestionEntity | null> {
    const insert = this.rows.createQueryBuilder().insert().values(job).orIgnore().returning('id')
    const inserted = (await insert.execute()).raw as unknown[]
    return inserted.length > 0 ? this.find(job.id) : null
  }

  /** The job that brought this content, or is bringing it. */
  findByContent(dataset: string, sha256: string): Promise<IngestionEntity | null> {
    return this.rows
      .createQueryBuilder('job')
      .where({ dataset, sha256, status: In(['queued', 'running', 'succeeded']), deletedAt: IsNull() })
      .orderBy(`job.status = 'succeeded'`, 'DESC')
      .addOrderBy('job.createdAt')
      .limit(1)
      .getOne()
  }

  findByIds(ids: string[]): Promise<IngestionEntity[]> {
    return this.rows.findBy({ id: In(ids) })
  }

  /** Of the jobs with these numbers, those that are worked on: they have not ended, or their rows are being taken out. */
  async findUnfinished(numbers: number[]): Promise<Set<number>> {
    const jobs = await this.rows.find({
      select: { id: true, number: true },
      where: [
        { number: In(numbers), status: In(['queued', 'running']) },
        { number: In(numbers), deletionStartedAt: Not(IsNull()), deletedAt: IsNull() },
      ],
    })
    return new Set(jobs.map(({ number }) => number))
  }

  /** Newest first. */
  list({ status, dataset }: { status?: string; dataset?: string }, page: PageQuery): Promise<Page<IngestionEntity>> {
    const query = this.rows.createQueryBuilder('job')
    if (status) query.andWhere('job.status = :status', { status })
    if (dataset) query.andWhere('job.dataset = :dataset', { dataset })
    return this.page(query.orderBy('job.createdAt', 'DESC').addOrderBy('job.id', 'DESC'), page)
  }

  /** Jobs by status, and the rows of those that succeeded. */
  async totals(): Promise<Totals> {
    const counts = INGESTION_STATUSES.map(
      (status) => `count(*) FILTER (WHERE status = '${status}')::float8 AS ${status}`,
    )
    const [row] = await this.database.query<Totals>(
      `SELECT ${counts.join(', ')},
         coalesce(sum(rows_accepted) FILTER (WHERE status = 'succeeded'), 0)::float8 AS "rowsAccepted",
         coalesce(sum(rows_rejected) FILTER (WHERE status = 'succeeded'), 0)::float8 AS "rowsRejected"
       FROM ingestions`,
    )
    return row!
  }

  /** Jobs that have not ended, by their status. */
  async countUnfinished(): Promise<{ queued: number; running: number }> {
    const [row] = await this.database.query<{ queued: number; running: number }>(
      `SELECT count(*) FILTER (WHERE status = 'queued')::float8 AS queued,
         count(*) FILTER (WHERE status = 'running')::float8 AS running
       FROM ingestions WHERE status IN ('queued', 'running')`,
    )
    return row!
  }

  /** The canceled job; null when it has ended or is past the point where it could be. */
  cancel(id: string): Promise<IngestionEntity | null> {
    return this.database.transaction(async () => {
      const { affected } = await this.rows.update(
        { id, status: In(['queued', 'running']), committing: false },
        { status: 'canceled', finishedAt: () => 'now()' },
      )
      if (affected !== 1) return null
      const canceled = (await this.find(id))!
      await this.database.afterCommit(() => countEnded(canceled, 'canceled'))
      return canceled
    })
  }

  /**
   * For a dataset that is dropped: cancels what has not ended, and records that the rows of the others are gone. Gives how many
   * are past the point where they could be canceled.
   */
  async endAll(dataset: string): Promise<number> {
    await this.rows.update(
      { dataset, status: In(['queued', 'running']), committing: false },
      { status: 'canceled', finishedAt: () => 'now()' },
    )
    await this.rows.update(
      { dataset, status: 'succeeded', deletedAt: IsNull() },
      { deletedAt: () => 'now()', rowsDeleted: () => 'rows_accepted' },
    )
    return this.rows.countBy({ dataset, status: In(['queued', 'running']) })
  }

  async sourceHeader(id: string): Promise<Buffer | null> {
    const job = await this.rows.findOne({ select: { id: true, sourceHeader: true }, where: { id } })
    return job?.sourceHeader ?? null
  }
}
