import { Column, Entity, PrimaryColumn } from 'typeorm'
import { wholeNumber } from '../infrastructure/database/column-transformers.js'

/** A piece of a file that is loaded, by its place in the file. */
@Entity('ingestion_chunks')
export class IngestionChunkEntity {
  @PrimaryColumn('uuid', { name: 'ingestion_id' }) ingestionId: string
  @PrimaryColumn('integer') chunk: number
  @Column('bigint', { name: 'first_row', transformer: wholeNumber }) firstRow: number
  @Column('bigint', { name: 'rows_read', transformer: wholeNumber }) rowsRead: number
  @Column('bigint', { name: 'rows_rejected', transformer: wholeNumber }) rowsRejected: number
  @Column('bigint', { name: 'bytes_end', transformer: wholeNumber }) bytesEnd: number
  /** accepted values that may mean something else, an example of each column */
  @Column('jsonb', { name: 'ambiguous_values' }) ambiguousValues: Record<string, string>
}
