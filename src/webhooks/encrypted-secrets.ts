import { Injectable } from '@nestjs/common'
import { Database } from '../infrastructure/database/database.js'
import { EncryptedTextColumn, type TextRow } from '../infrastructure/encryption/encrypted-text-column.js'
import { FieldCipher } from '../infrastructure/encryption/field-cipher.js'
import { ReencryptionService } from '../infrastructure/encryption/reencryption.service.js'
import { WebhookSecrets } from './webhook-secrets.js'

/** The secrets of webhooks as ReencryptionService sees them. */
@Injectable()
export class EncryptedSecrets extends EncryptedTextColumn {
  readonly name = 'webhook secrets'
  protected readonly names = {
    table: 'webhooks',
    id: 'id',
    plain: 'secret',
    ciphertext: 'secret_ciphertext',
    plainOrder: 'id',
  }

  constructor(
    database: Database,
    cipher: FieldCipher,
    reencryption: ReencryptionService,
    private readonly secrets: WebhookSecrets,
  ) {
    super(database, cipher, reencryption)
  }

  protected sealed({ id, plain, ciphertext }: TextRow): Record<string, Buffer | null> {
    const text = this.secrets.textOf(id, { secret: plain, secretCiphertext: ciphertext })
    return { secret_ciphertext: this.secrets.textColumnsOf(id, text).secretCiphertext }
  }
}
