import { Injectable } from '@nestjs/common'
import { Database } from '../../infrastructure/database/database.js'
import { EncryptedTextColumn, type TextRow } from '../../infrastructure/encryption/encrypted-text-column.js'
import { FieldCipher } from '../../infrastructure/encryption/field-cipher.js'
import { ReencryptionService } from '../../infrastructure/encryption/reencryption.service.js'
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
    return secrets === null
      ? { secrets: null, secretsCiphertext: null }
      : this.textColumnsOf(id, JSON.stringify(secrets))
  }

  secretsOf(id: string, columns: SecretsColumns): SourceSecrets | null {
    const text = this.textOf(id, columns)
    return text === null ? null : (JSON.parse(text) as SourceSecrets)
  }

  textColumnsOf(id: string, text: string): SecretsColumns {
    if (!this.cipher.isEnabled) return { secrets: text, secretsCiphertext: null }
    return { secrets: null, secretsCiphertext: this.cipher.seal(text, contextOf(id)) }
  }

  textOf(id: string, { secrets, secretsCiphertext }: SecretsColumns): string | null {
    return secretsCiphertext ? this.cipher.open(secretsCiphertext, contextOf(id)) : secrets
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

  constructor(
    database: Database,
    cipher: FieldCipher,
    reencryption: ReencryptionService,
    private readonly secrets: SourceSecretsCipher,
  ) {
    super(database, cipher, reencryption)
  }

  protected sealed({ id, plain, ciphertext }: TextRow): Record<string, Buffer | null> {
    const text = this.secrets.textOf(id, { secrets: plain, secretsCiphertext: ciphertext })!
    return { secrets_ciphertext: this.secrets.textColumnsOf(id, text).secretsCiphertext }
  }
}
