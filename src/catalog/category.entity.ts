import { Column, CreateDateColumn, Entity, PrimaryColumn, UpdateDateColumn } from 'typeorm'

/** What products are sorted into. */
@Entity('categories')
export class CategoryEntity {
  @PrimaryColumn('uuid') id: string
  /** unique, ignoring case */
  @Column('text') name: string
  @Column('text', { nullable: true }) description: string | null = null
  @CreateDateColumn({ name: 'created_at', type: 'timestamptz' }) createdAt: Date
  @UpdateDateColumn({ name: 'updated_at', type: 'timestamptz' }) updatedAt: Date
}
