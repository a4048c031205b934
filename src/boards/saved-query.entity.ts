import { Column, CreateDateColumn, Entity, PrimaryColumn, UpdateDateColumn } from 'typeorm'
import type { ResultView } from './result-view.dto.js'
import type { Shareable, Visibility } from './shareable.js'

/** A query with a name, and how its result is shown. */
@Entity('saved_queries')
export class SavedQueryEntity implements Shareable {
  /** UUIDv7 */
  @PrimaryColumn('uuid') id: string
  @Column('uuid', { name: 'user_id', nullable: true }) userId: string | null
  @Column('text') name: string
  @Column('text') description: string
  @Column('text') visibility: Visibility
  @Column('text', { name: 'rows_key', nullable: true }) rowsKey: string | null
  /** json and not jsonb: it is shown as it was written */
  @Column('json') query: Record<string, unknown>
  @Column('json') view: ResultView
  /** the names in the query, to tell for whom it exists */
  @Column('text') dataset: string
  @Column('text', { array: true }) members: string[]
  @Column('integer') revision: number = 1
  @CreateDateColumn({ name: 'created_at', type: 'timestamptz' }) createdAt: Date
  @UpdateDateColumn({ name: 'updated_at', type: 'timestamptz' }) updatedAt: Date
}
