import { Column, CreateDateColumn, Entity, PrimaryColumn } from 'typeorm'

/** Where the low balance of a user is reported. The threshold is the account's: it is looked at with every charge. */
@Entity('low_balance_alerts')
export class LowBalanceAlertEntity {
  @PrimaryColumn('uuid', { name: 'user_id' }) userId: string
  @Column('text') url: string
  /** null where the secret is sealed; WebhookSecrets reads and writes both */
  @Column('text', { nullable: true }) secret: string | null
  @Column('bytea', { name: 'secret_ciphertext', nullable: true }) secretCiphertext: Buffer | null
  @CreateDateColumn({ name: 'created_at', type: 'timestamptz' }) createdAt: Date
}
