import { Column, CreateDateColumn, Entity, PrimaryColumn, UpdateDateColumn } from 'typeorm'
import type { Shareable, Visibility } from './shareable.js'

/** A dashboard of saved queries and texts; its tiles are BoardTileEntity. */
@Entity('boards')
export class BoardEntity implements Shareable {
  /** UUIDv7 */
  @PrimaryColumn('uuid') id: string
  @Column('uuid', { name: 'user_id', nullable: true }) userId: string | null
  @Column('text') name: string
  @Column('text') description: string
  @Column('text') visibility: Visibility
  @Column('text', { name: 'rows_key', nullable: true }) rowsKey: string | null
  /** null: only when somebody asks */
  @Column('integer', { name: 'refresh_seconds', nullable: true }) refreshSeconds: number | null
  @Column('integer') revision: number = 1
  @CreateDateColumn({ name: 'created_at', type: 'timestamptz' }) createdAt: Date
  @UpdateDateColumn({ name: 'updated_at', type: 'timestamptz' }) updatedAt: Date
}
