import { Column, CreateDateColumn, Entity, PrimaryColumn, UpdateDateColumn } from 'typeorm'
import { wholeNumber } from '../../infrastructure/database/column-transformers.js'
import type { FileOptions } from '../file-options.js'
import type { DatasetPrice } from '../dataset-definition.js'
import type { Declaration, DeclaredMeasure, StoredColumn } from './declaration.js'

/** The table of a declared dataset. */
export function tableNameOf({ number, name }: { number: number | string; name: string }): string {
  return `dataset_${number}_${name}`
}

/** A dataset that the operator declared. */
@Entity('datasets')
export class DatasetEntity implements Declaration {
  /** UUIDv7 */
  @PrimaryColumn('uuid') id: string
  /** names the table in ClickHouse */
  @Column({ type: 'bigint', transformer: wholeNumber, insert: false, update: false }) number: number
  @Column('text') name: string
  @Column('text') title: string
  @Column('text') description: string
  @Column('jsonb') columns: StoredColumn[]
  @Column('jsonb') key: string[]
  @Column('text', { name: 'time_dimension', nullable: true }) timeDimension: string | null
  @Column('jsonb') measures: DeclaredMeasure[]
  @Column('jsonb', { nullable: true }) price: DatasetPrice | null
  @Column('jsonb', { name: 'file_options' }) fileOptions: FileOptions
  /** counts the changes */
  @Column('integer') revision: number = 1
  @CreateDateColumn({ name: 'created_at', type: 'timestamptz' }) createdAt: Date
  @UpdateDateColumn({ name: 'updated_at', type: 'timestamptz' }) updatedAt: Date
  @Column('timestamptz', { name: 'dropped_at', nullable: true }) droppedAt: Date | null = null

  get table(): string {
    return tableNameOf(this)
  }
}
