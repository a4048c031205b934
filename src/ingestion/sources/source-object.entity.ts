import { Column, Entity, PrimaryColumn } from 'typeorm'
import { wholeNumber } from '../../infrastructure/database/column-transformers.js'

/** A file, URL or key of a source, as it was seen last, and what became of it. */
@Entity('source_objects')
export class SourceObjectEntity {
  @PrimaryColumn('uuid', { name: 'source_id' }) sourceId: string
  @PrimaryColumn('text') location: string
  @Column({ type: 'bigint', transformer: wholeNumber, nullable: true }) size: number | null
  @Column('text', { nullable: true }) etag: string | null
  @Column('timestamptz', { name: 'modified_at', nullable: true }) modifiedAt: Date | null
  @Column('text', { name: 'seen_version', nullable: true }) seenVersion: string | null
  /** since when it looks as it does */
  @Column('timestamptz', { name: 'seen_since' }) seenSince: Date
  @Column('timestamptz', { name: 'found_at' }) foundAt: Date
  /** of the content that was loaded or refused */
  @Column('text', { name: 'loaded_version', nullable: true }) loadedVersion: string | null
  @Column('text', { nullable: true }) sha256: string | null
  @Column('uuid', { name: 'ingestion_id', nullable: true }) ingestionId: string | null
  /** the job had brought the same content before */
  @Column('boolean') duplicate: boolean
  /** why it could not be read */
  @Column('text', { nullable: true }) error: string | null
}
