import { Injectable } from '@nestjs/common'
import { Database } from '../infrastructure/database/database.js'
import { EncryptedTextColumn, type TextRow } from '../infrastructure/encryption/encrypted-text-column.js'
import { FieldCipher } from '../infrastructure/encryption/field-cipher.js'
import { ReencryptionService } from '../infrastructure/encryption/reencryption.service.js'
import { UserEmails } from './user-emails.js'

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

  constructor(
    database: Database,
    cipher: FieldCipher,
    reencryption: ReencryptionService,
    private readonly emails: UserEmails,
  ) {
    super(database, cipher, reencryption)
  }

  protected sealed({ id, plain, ciphertext }: TextRow): Record<string, Buffer | null> {
    const email = this.emails.emailOf({ id, email: plain, emailCiphertext: ciphertext })
    const { emailCiphertext, emailHash } = this.emails.columnsOf(id, email)
    return { email_ciphertext: emailCiphertext, email_hash: emailHash }
  }
}
