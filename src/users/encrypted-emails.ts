import { Injectable } from '@nestjs/common'
import { Database } from '../infrastructure/database/database.js'
import { EncryptedTextColumn } from '../infrastructure/encryption/encrypted-text-column.js'
import { FieldCipher } from '../infrastructure/encryption/field-cipher.js'
import { ReencryptionService } from '../infrastructure/encryption/reencryption.service.js'
import { contextOf, UserEmails } from './user-emails.js'

/** The emails of users, deleted ones too, as ReencryptionService sees them. */
@Injectable()
export class EncryptedEmails extends EncryptedTextColumn {
  readonly name = 'emails'
  protected readonly names = {
    table: 'users',
    id: 'id',
    plain: 'email',
    ciphertext: 'email_ciphertext',
    plainOrder: 'lower(email)',
  }
  protected readonly contextOf = contextOf

  constructor(
    database: Database,
    cipher: FieldCipher,
    reencryption: ReencryptionService,
    private readonly emails: UserEmails,
  ) {
    super(database, cipher, reencryption)
  }

  protected override madeOf(email: string): Record<string, Buffer> {
    return { email_hash: this.emails.hashesOf(email)[0]! }
  }
}
