import { LosslessNumber } from 'lossless-json'
import { Column, CreateDateColumn, Entity, PrimaryColumn, UpdateDateColumn } from 'typeorm'
import { exactNumber } from '../infrastructure/database/column-transformers.js'

/** What can be ordered. Orders change its stock and what was sold of it. */
@Entity('products')
export class ProductEntity {
  @PrimaryColumn('uuid') id: string
  @Column('text') name: string
  @Column('numeric', { precision: 18, scale: 4, transformer: exactNumber }) price: LosslessNumber
  @Column('uuid', { name: 'category_id' }) categoryId: string
  @Column('integer', { name: 'stock_quantity' }) stockQuantity: number
  @Column('text', { nullable: true }) description: string | null = null
  @Column('boolean', { name: 'is_active' }) isActive: boolean = true
  /** pieces in orders that stand */
  @Column('bigint', { transformer: exactNumber }) sold: LosslessNumber = new LosslessNumber('0')
  @CreateDateColumn({ name: 'created_at', type: 'timestamptz' }) createdAt: Date
  @UpdateDateColumn({ name: 'updated_at', type: 'timestamptz' }) updatedAt: Date
}
