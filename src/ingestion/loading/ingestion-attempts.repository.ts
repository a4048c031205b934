import { Injectable } from '@nestjs/common'
import { Raw, type FindOptionsWhere, type Repository } from 'typeorm'
import type { QueryDeepPartialEntity } from 'typeorm/query-builder/QueryPartialEntity.js'
import { INSTANCE_ID } from '../../common/instance-id.js'
import { Config } from '../../config/config.js'
import { Database } from '../../infrastructure/database/database.js'
import { IngestionChunkEntity } from '../ingestion-chunk.entity.js'
import { IngestionEntity } from '../ingestion.entity.js'
import type { IngestionWarning } from '../warning.js'
import { countBytes, countEnded, countRows } from './ingestion-metrics.js'

export type ChunkResult = Omit<IngestionChunkEntity, 'ingestionId'>

/** A job as the attempt at it that this process makes. */
type Attempt = Pick<IngestionEntity, 'id' | 'attempt'>

/** The same with what the metrics say of it. */
type MeasuredAttempt = Pick<IngestionEntity, 'id' | 'attempt' | 'dataset' | 'startedAt' | 'bytesTotal' | 'bytesDone'>

type Changes = QueryDeepPartialEntity<IngestionEntity>

const MAX_CLAIMABLE = 1_000
const MAX_ERROR_CHARACTERS = 4_000

/** A worker's view of the jobs: one process at a time has a job, by a lease, and writes how far it is. */
@Injectable()
export class IngestionAttemptsRepository {
  constructor(
    private readonly database: Database,
    private readonly config: Config,
  ) {}

  /** Jobs that nobody works on: waiting ones, and those whose worker died or gave up for now. Oldest first. */
  async findClaimable(): Promise<string[]> {
    const jobs = await this.jobs.find({
      select: { id: true },
      where: unclaimed(),
      order: { createdAt: 'ASC' },
      take: MAX_CLAIMABLE,
    })
    return jobs.map(({ id }) => id)
  }

  /** Takes the job for this process; null when another one has it or it has ended. */
  claim(id: string): Promise<IngestionEntity | null> {
    return this.database.transaction(async () => {
      const { affected } = await this.jobs
        .createQueryBuilder()
        .update()
        .set({
          status: 'running',
          startedAt: () => 'coalesce(started_at, now())',
          attempt: () => 'attempt + 1',
          attemptsWithoutProgress: () => 'attempts_without_progress + 1',
          attemptStartedAt: () => 'now()',
          attemptFirstByte: () => 'bytes_done',
          attemptFirstRow: () => 'rows_read',
          leaseOwner: INSTANCE_ID,
          leaseExpiresAt: () => LEASE_END,
        })
        .where(unclaimed({ id }))
        .setParameters({ leaseSeconds: this.config.ingestionLeaseSeconds })
        .execute()
      return affected === 1 ? this.jobs.findOneBy({ id }) : null
    })
  }

  /** False when the job is no longer this process's: canceled, or taken over. */
  heartbeat(job: Attempt): Promise<boolean> {
    return this.change(job, { leaseExpiresAt: () => LEASE_END }, { leaseSeconds: this.config.ingestionLeaseSeconds })
  }

  /** Gives the job back, to be taken up again by any process after `delaySeconds`. */
  async release(job: Attempt, delaySeconds: number): Promise<void> {
    await this.change(job, { leaseExpiresAt: () => LEASE_END }, { leaseSeconds: delaySeconds })
  }

  /** As release, by a process that stops in order: that is no attempt that failed. */
  async handOver(job: Attempt): Promise<void> {
    await this.change(job, {
      leaseExpiresAt: () => 'now()',
      attemptsWithoutProgress: () => 'greatest(attempts_without_progress - 1, 0)',
    })
  }

  /** Counts a crash of ClickHouse, once an attempt and for an hour. Gives the count; 0 when the job is lost. */
  async recordCrash(job: Attempt): Promise<number> {
    const isOurs = await this.change(job, {
      clickhouseCrashAttempt: () => 'attempt',
      clickhouseCrashedAt: () => 'now()',
      clickhouseCrashes: () => `CASE WHEN clickhouse_crash_attempt = attempt THEN clickhouse_crashes
        WHEN clickhouse_crashed_at > now() - interval '1 hour' THEN clickhouse_crashes + 1 ELSE 1 END`,
    })
    return isOurs ? (await this.jobs.findOneByOrFail({ id: job.id })).clickhouseCrashes : 0
  }

  recordStaging(job: Attempt, sourceHeader: Buffer): Promise<boolean> {
    return this.change(job, { stagingAttempt: job.attempt, sourceHeader })
  }

  findChunks(ingestionId: string): Promise<ChunkResult[]> {
    return this.database.repository(IngestionChunkEntity).find({ where: { ingestionId }, order: { chunk: 'ASC' } })
  }

  /** Records a finished chunk and adds it to the job's counts, in one statement. False when the job is lost. */
  async recordChunk(job: MeasuredAttempt, result: ChunkResult, bytesDone: number): Promise<boolean> {
    const { id, attempt } = job
    const { chunk, firstRow, rowsRead, rowsRejected, bytesEnd, ambiguousValues } = result
    const rows = await this.database.query(
      RECORD_CHUNK,
      [id, INSTANCE_ID, attempt, chunk, firstRow, rowsRead, rowsRejected, bytesEnd, bytesDone, ambiguousValues],
      'ingestion-chunk',
    )
    if (rows.length === 0) return false
    countRows(job.dataset, rowsRead, rowsRejected)
    countBytes(job, bytesDone)
    return true
  }

  /** Begins again at the file's first record. */
  async forgetChunks(job: Attempt): Promise<void> {
    await this.database.transaction(async () => {
      const isMine = await this.change(job, {
        rowsRead: 0,
        rowsAccepted: 0,
        rowsRejected: 0,
        bytesDone: 0,
        stagingAttempt: 0,
      })
      if (isMine) await this.database.repository(IngestionChunkEntity).delete({ ingestionId: job.id })
    })
  }

  /** From here on the job cannot be canceled. False when it was, or is lost. */
  beginCommit(job: Attempt): Promise<boolean> {
    return this.change(job, { committing: true })
  }

  /** Seen as soon as the job has succeeded. */
  recordWarnings(job: Attempt, warnings: IngestionWarning[]): Promise<boolean> {
    return this.change(job, { warnings })
  }

  async succeed(job: MeasuredAttempt): Promise<void> {
    await this.jobs.update(
      { id: job.id, status: 'running' },
      { status: 'succeeded', bytesDone: () => 'bytes_total', finishedAt: () => 'now()', leaseOwner: null },
    )
    await this.database.afterCommit(() => {
      countBytes(job, job.bytesTotal)
      countEnded(job, 'succeeded')
    })
  }

  /** False when the job is lost, or committing: its rows may be visible already, so it is only ever finished. */
  async fail(job: MeasuredAttempt, error: string): Promise<boolean> {
    const { affected } = await this.jobs.update({ ...mine(job), committing: false }, failure(error))
    if (affected === 1) countEnded(job, 'failed')
    return affected === 1
  }

  /** Fails a job that nobody works on. */
  async failWaiting(id: string, error: string): Promise<void> {
    const where = unclaimed({ id, committing: false })
    await this.jobs.createQueryBuilder().update().set(failure(error)).where(where).execute()
  }

  private async change(job: Attempt, changes: Changes, parameters: object = {}): Promise<boolean> {
    const update = this.jobs.createQueryBuilder().update().set(changes).where(mine(job))
    const { affected } = await update.setParameters({ ...parameters }).execute()
    return affected === 1
  }

  private get jobs(): Repository<IngestionEntity> {
    return this.database.repository(IngestionEntity)
  }
}

const LEASE_END = 'now() + make_interval(secs => :leaseSeconds)'

function mine({ id, attempt }: Attempt): FindOptionsWhere<IngestionEntity> {
  return { id, attempt, status: 'running', leaseOwner: INSTANCE_ID }
}

function unclaimed(more: FindOptionsWhere<IngestionEntity> = {}): FindOptionsWhere<IngestionEntity>[] {
  return [
    { ...more, status: 'queued' },
    { ...more, status: 'running', leaseExpiresAt: Raw((column) => `${column} < now()`) },
  ]
}

function failure(error: string): Changes {
  // PostgreSQL takes no NUL in text, and an error may quote the file.
  const text = error.replaceAll('\0', '\ufffd').slice(0, MAX_ERROR_CHARACTERS)
  return { status: 'failed', error: text, finishedAt: () => 'now()' }
}

const RECORD_CHUNK = `
  WITH job AS (
    UPDATE ingestions SET rows_read = rows_read + $6, rows_rejected = rows_rejected + $7,
      rows_accepted = rows_accepted + $6 - $7, bytes_done = greatest(bytes_done, $9), attempts_without_progress = 0
    WHERE id = $1 AND status = 'running' AND lease_owner = $2 AND attempt = $3 RETURNING id)
  INSERT INTO ingestion_chunks (ingestion_id, chunk, first_row, rows_read, rows_rejected, bytes_end, ambiguous_values)
  SELECT id, $4, $5, $6, $7, $8, $10::jsonb FROM job RETURNING chunk`
