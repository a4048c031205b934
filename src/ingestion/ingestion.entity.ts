import { Column, CreateDateColumn, Entity, PrimaryColumn } from 'typeorm'
import type { FileOptions } from '../datasets/file-options.js'
import { wholeNumber } from '../infrastructure/database/column-transformers.js'
import type { TextEncoding } from './formats/encodings.js'
import type { Compression, Format, IngestionStatus, OnError } from './ingestion.js'
import type { Mapping } from './mapping/mapping.js'
import type { IngestionWarning } from './warning.js'

const COUNT = { type: 'bigint', transformer: wholeNumber } as const

/** One file on its way into a dataset. Always rowsRead = rowsAccepted + rowsRejected. */
@Entity('ingestions')
export class IngestionEntity {
  /** UUIDv7 */
  @PrimaryColumn('uuid') id: string
  /** counts the jobs; the rows' versions begin with it, so that a later job's rows replace an earlier one's */
  @Column({ ...COUNT, insert: false }) number: number
  @Column('text') dataset: string
  @Column('text') format: Format
  @Column('text') compression: Compression
  /** of a text file; null: told by a byte order mark, else UTF-8 */
  @Column('text', { nullable: true }) encoding: TextEncoding | null
  @Column('text', { name: 'file_name', nullable: true }) fileName: string | null
  @Column('jsonb') mapping: Mapping
  /** how the file writes its values, where a column's mapping does not tell otherwise: those of the dataset and the upload */
  @Column('jsonb', { name: 'file_options' }) fileOptions: FileOptions
  @Column('text', { name: 'on_error' }) onError: OnError
  /** rejected rows that the job may have, a number or a percentage; null: any */
  @Column('text', { name: 'max_rejected', nullable: true }) maxRejected: string | null
  /** also where the same content is loaded already */
  @Column('boolean') forced: boolean
  @Column('text') sha256: string
  @Column('text') status: IngestionStatus
  @Column({ ...COUNT, name: 'bytes_total' }) bytesTotal: number
  @Column({ ...COUNT, name: 'bytes_done' }) bytesDone: number
  @Column({ ...COUNT, name: 'rows_read' }) rowsRead: number
  @Column({ ...COUNT, name: 'rows_accepted' }) rowsAccepted: number
  @Column({ ...COUNT, name: 'rows_rejected' }) rowsRejected: number
  @Column('text', { nullable: true }) error: string | null
  /** none before it succeeded */
  @Column('jsonb') warnings: IngestionWarning[]
  @CreateDateColumn({ name: 'created_at', type: 'timestamptz' }) createdAt: Date
  @Column('timestamptz', { name: 'started_at', nullable: true }) startedAt: Date | null
  @Column('timestamptz', { name: 'finished_at', nullable: true }) finishedAt: Date | null

  /** who works on it, and until when that is believed without a sign of life */
  @Column('text', { name: 'lease_owner', nullable: true }) leaseOwner: string | null
  @Column('timestamptz', { name: 'lease_expires_at', nullable: true }) leaseExpiresAt: Date | null
  /** counts the times that a worker took the job up */
  @Column('integer') attempt: number
  @Column('timestamptz', { name: 'attempt_started_at', nullable: true }) attemptStartedAt: Date | null
  /** where that attempt began */
  @Column({ ...COUNT, name: 'attempt_first_byte' }) attemptFirstByte: number
  @Column({ ...COUNT, name: 'attempt_first_row' }) attemptFirstRow: number
  /** attempts since a chunk was last recorded */
  @Column('integer', { name: 'attempts_without_progress' }) attemptsWithoutProgress: number
  /** the attempt whose staging table holds every recorded chunk; 0: none yet */
  @Column('integer', { name: 'staging_attempt' }) stagingAttempt: number
  /** past the point where it can be canceled: its rows are being made visible */
  @Column('boolean') committing: boolean
  /** the input's own header record, bytes as they were sent */
  @Column('bytea', { name: 'source_header', nullable: true, select: false }) sourceHeader?: Buffer | null

  /** times that ClickHouse ended while it read the job's chunks: all in one attempt count once */
  @Column('integer', { name: 'clickhouse_crashes' }) clickhouseCrashes: number
  @Column('timestamptz', { name: 'clickhouse_crashed_at', nullable: true }) clickhouseCrashedAt: Date | null
  @Column('integer', { name: 'clickhouse_crash_attempt' }) clickhouseCrashAttempt: number

  /** when taking its rows out again was asked for; whoever finds it not done finishes it */
  @Column('timestamptz', { name: 'deletion_started_at', nullable: true }) deletionStartedAt: Date | null
  /** counts the tries */
  @Column('integer', { name: 'deletion_attempt' }) deletionAttempt: number
  /** when its rows were taken out again */
  @Column('timestamptz', { name: 'deleted_at', nullable: true }) deletedAt: Date | null
  @Column({ ...COUNT, name: 'rows_deleted' }) rowsDeleted: number

  /** seconds since the attempt that runs, or ran last, began; null before the first */
  get attemptSeconds(): number | null {
    return this.attemptStartedAt && (Date.now() - this.attemptStartedAt.getTime()) / 1_000
  }
}
