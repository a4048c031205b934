import { Column, CreateDateColumn, Entity, PrimaryColumn } from 'typeorm'

/** Who did what to whom, and when. Entries are final: the database refuses to change or delete them. */
@Entity('audit_entries')
export class AuditEntryEntity {
  @PrimaryColumn('uuid') id: string
  /** the order of the entries, numbered by the database */
  @Column({ type: 'bigint', select: false, insert: false }) seq: string
  @Column('text') actor: string
  @Column('text') action: string
  @Column('text', { nullable: true }) target: string | null
  @Column('jsonb') details: Record<string, unknown>
  @CreateDateColumn({ type: 'timestamptz' }) at: Date
}
