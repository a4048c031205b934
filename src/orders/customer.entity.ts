import { Column, CreateDateColumn, Entity, PrimaryColumn, UpdateDateColumn } from 'typeorm'

/** Who orders; not an account of this API. */
@Entity('customers')
export class CustomerEntity {
  @PrimaryColumn('uuid') id: string
  @Column('text') name: string
  /** unique, ignoring case */
  @Column('text') email: string
  @Column('text', { nullable: true }) country: string | null = null
  @Column('text', { nullable: true }) region: string | null = null
  @CreateDateColumn({ name: 'created_at', type: 'timestamptz' }) createdAt: Date
  @UpdateDateColumn({ name: 'updated_at', type: 'timestamptz' }) updatedAt: Date
}
