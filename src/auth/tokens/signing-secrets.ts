import { Injectable } from '@nestjs/common'
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
    if (!this.cipher.isEnabled) return { secret, secretCiphertext: null }
    return { secret: null, secretCiphertext: this.cipher.seal(secret, contextOf(keyId)) }
  }

  secretOf(keyId: string, { secret, secretCiphertext }: SecretColumns): string {
    return secretCiphertext ? this.cipher.open(secretCiphertext, contextOf(keyId)) : secret!
  }
}

function contextOf(keyId: string): string {
  return `token_signing_keys.secret:${keyId}`
}
