import { randomBytes } from 'node:crypto'
import { Injectable } from '@nestjs/common'
import { EncryptedTextColumn } from '../infrastructure/encryption/encrypted-text-column.js'
import { FieldCipher } from '../infrastructure/encryption/field-cipher.js'
import type { WebhookKind } from './webhook.entity.js'

const SECRET_BYTES = 32

/** How secrets lie in `webhooks`: sealed with ENCRYPTION_KEY, plain without one. */
export interface SecretColumns {
  secret: string | null
  secretCiphertext: Buffer | null
}

/** The one that is shown, and while receivers change over the one before it. */
export interface Secrets {
  current: string
  previous?: string
}

/** Between the secrets of a webhook and its columns. They are read back to sign with, so they cannot be hashed. */
@Injectable()
export class WebhookSecrets {
  constructor(private readonly cipher: FieldCipher) {}

  columnsOf(id: string, { current, previous }: Secrets): SecretColumns {
    const text = previous === undefined ? current : `${current} ${previous}`
    const { plain, ciphertext } = this.cipher.stored(text, contextOf(id))
    return { secret: plain, secretCiphertext: ciphertext }
  }

  secretsOf(id: string, { secret, secretCiphertext }: SecretColumns): Secrets {
    const text = this.cipher.textOf({ plain: secret, ciphertext: secretCiphertext }, contextOf(id))!
    const [current, previous] = text.split(' ')
    return { current: current!, previous }
  }
}

/** `whsec_` and 32 random bytes, in base64 by Standard Webhooks; those of low-balance alerts were base64url from the start. */
export function generateSecret(kind: WebhookKind): string {
  return `whsec_${randomBytes(SECRET_BYTES).toString(kind === 'standard' ? 'base64' : 'base64url')}`
}

/** A sealed secret that is copied to another webhook does not open. The name is the one that the first were sealed under. */
function contextOf(id: string): string {
  return `low_balance_alerts.secret:${id}`
}

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
  protected readonly contextOf = contextOf
}
