import { Injectable } from '@nestjs/common'
import { FieldCipher } from '../../infrastructure/encryption/field-cipher.js'

/** How a secret lies in `low_balance_alerts`: sealed with ENCRYPTION_KEY, plain without one. */
export interface SecretColumns {
  secret: string | null
  secretCiphertext: Buffer | null
}

/** Between the secret of a webhook and its columns. It is read back to sign with, so it cannot be hashed. */
@Injectable()
export class WebhookSecrets {
  constructor(private readonly cipher: FieldCipher) {}

  columnsOf(userId: string, secret: string): SecretColumns {
    if (!this.cipher.isEnabled) return { secret, secretCiphertext: null }
    return { secret: null, secretCiphertext: this.cipher.seal(secret, contextOf(userId)) }
  }

  secretOf(userId: string, { secret, secretCiphertext }: SecretColumns): string {
    return secretCiphertext ? this.cipher.open(secretCiphertext, contextOf(userId)) : secret!
  }
}

/** A sealed secret that is copied to another user does not open. */
function contextOf(userId: string): string {
  return `low_balance_alerts.secret:${userId}`
}
