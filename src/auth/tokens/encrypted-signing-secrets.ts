import { Injectable } from '@nestjs/common'
import { Database } from '../../infrastructure/database/database.js'
import { EncryptedTextColumn, type TextRow } from '../../infrastructure/encryption/encrypted-text-column.js'
import { FieldCipher } from '../../infrastructure/encryption/field-cipher.js'
import { ReencryptionService } from '../../infrastructure/encryption/reencryption.service.js'
import { SigningSecrets } from './signing-secrets.js'

/** The secrets that tokens are signed with as ReencryptionService sees them. */
@Injectable()
export class EncryptedSigningSecrets extends EncryptedTextColumn {
  readonly name = 'secrets of browser tokens'
  protected readonly names = {
    table: 'token_signing_keys',
    id: 'id',
    plain: 'secret',
    ciphertext: 'secret_ciphertext',
    plainOrder: 'id',
  }

  constructor(
    database: Database,
    cipher: FieldCipher,
    reencryption: ReencryptionService,
    private readonly secrets: SigningSecrets,
  ) {
    super(database, cipher, reencryption)
  }

  protected sealed({ id, plain, ciphertext }: TextRow): Record<string, Buffer | null> {
    const secret = this.secrets.secretOf(id, { secret: plain, secretCiphertext: ciphertext })
    return { secret_ciphertext: this.secrets.columnsOf(id, secret).secretCiphertext }
  }
}
