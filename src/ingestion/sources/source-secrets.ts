import { Injectable } from '@nestjs/common'
import { EncryptedTextColumn } from '../../infrastructure/encryption/encrypted-text-column.js'
import { FieldCipher } from '../../infrastructure/encryption/field-cipher.js'
import type { SourceSecrets } from './source.js'

/** How secrets lie in `dataset_sources`: sealed with ENCRYPTION_KEY, plain without one; both null when there are none. */
export interface SecretsColumns {
  secrets: string | null
  secretsCiphertext: Buffer | null
}

/** Between the headers or access keys of a source and its columns. They are sent on, so they cannot be hashed. */
@Injectable()
export class SourceSecretsCipher {
  constructor(private readonly cipher: FieldCipher) {}

  columnsOf(id: string, secrets: SourceSecrets | null): SecretsColumns {
    if (secrets === null) return { secrets: null, secretsCiphertext: null }
    const { plain, ciphertext } = this.cipher.stored(JSON.stringify(secrets), contextOf(id))
    return { secrets: plain, secretsCiphertext: ciphertext }
  }

  secretsOf(id: string, { secrets, secretsCiphertext }: SecretsColumns): SourceSecrets | null {
    const text = this.cipher.textOf({ plain: secrets, ciphertext: secretsCiphertext }, contextOf(id))
    return text === null ? null : (JSON.parse(text) as SourceSecrets)
  }
}

/** A sealed secret that is copied to another source does not open. */
function contextOf(id: string): string {
  return `dataset_sources.secrets:${id}`
}

/** The secrets of sources as ReencryptionService sees them. */
@Injectable()
export class EncryptedSourceSecrets extends EncryptedTextColumn {
  readonly name = 'source secrets'
  protected readonly names = {
    table: 'dataset_sources',
    id: 'id',
    plain: 'secrets',
    ciphertext: 'secrets_ciphertext',
    plainOrder: 'id',
  }
  protected readonly contextOf = contextOf
}
