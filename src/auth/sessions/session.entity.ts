import { Column, CreateDateColumn, Entity, PrimaryColumn } from 'typeorm'
import { hex } from '../../infrastructure/database/column-transformers.js'

/** A browser that is signed in with a key. Of both secrets only the SHA-256 is kept, in hex. */
@Entity('sessions')
export class SessionEntity {
  @PrimaryColumn('bytea', { transformer: hex }) hash: string
  @Column('bytea', { name: 'key_hash', transformer: hex }) keyHash: string
  @Column('timestamptz', { name: 'expires_at' }) expiresAt: Date
  @CreateDateColumn({ name: 'created_at', type: 'timestamptz' }) createdAt: Date
}
