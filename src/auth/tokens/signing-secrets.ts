import { Injectable } from '@nestjs/common'
import { EncryptedTextColumn } from '../../infrastructure/encryption/encrypted-text-column.js'
import { FieldCipher } from '../../infrastructure/encryption/field-cipher.js'

/** How a secret lies in `token_signing_keys`: sealed with ENCRYPTION_KEY, plain without one. */
export interface SecretColumns {
  secret: string | null
  secretCiphertext: Buffer | null
}

/** Between the secret of a signing key and its columns. */
@Injectable()
export class SigningSecrets {
  constructor(private readonly cipher: FieldCipher) {}

  columnsOf(keyId: string, secret: string): SecretColumns {
    const { plain, ciphertext } = this.cipher.stored(secret, contextOf(keyId))
    return { secret: plain, secretCiphertext: ciphertext }
  }

  secretOf(keyId: string, { secret, secretCiphertext }: SecretColumns): string {
    return this.cipher.textOf({ plain: secret, ciphertext: secretCiphertext }, contextOf(keyId))!
  }
}

function contextOf(keyId: string): string {
  return `token_signing_keys.secret:${keyId}`
}

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
  protected readonly contextOf = contextOf
}
