import { Column, CreateDateColumn, Entity, PrimaryColumn, UpdateDateColumn } from 'typeorm'
import type { Endpoint, EndpointParameter } from './endpoint.js'

/** A named query. */
@Entity('endpoints')
export class EndpointEntity implements Endpoint {
  /** UUIDv7 */
  @PrimaryColumn('uuid') id: string
  @Column('text') name: string
  @Column('text') title: string
  @Column('text') description: string
  /** json and not jsonb: it is shown as it was written */
  @Column('json') query: Record<string, unknown>
  @Column('json') parameters: EndpointParameter[]
  @Column('integer', { name: 'cost_credits', nullable: true }) costCredits: number | null
  @Column('integer', { name: 'cache_seconds', nullable: true }) cacheSeconds: number | null
  /** counts the changes */
  @Column('integer') revision: number = 1
  @CreateDateColumn({ name: 'created_at', type: 'timestamptz' }) createdAt: Date
  @UpdateDateColumn({ name: 'updated_at', type: 'timestamptz' }) updatedAt: Date
}
