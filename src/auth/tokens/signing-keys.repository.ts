import { Injectable } from '@nestjs/common'
import { Database } from '../../infrastructure/database/database.js'
import type { SecretColumns } from './signing-secrets.js'

export type SigningKeyRow = SecretColumns & { id: string }

const COLUMNS = 'id, secret, secret_ciphertext AS "secretCiphertext"'

/** The keys that tokens are signed with. */
@Injectable()
export class SigningKeysRepository {
  constructor(private readonly database: Database) {}

  /** The one that signs, unless it is older than that. */
  async newest(maxAgeSeconds: number): Promise<SigningKeyRow | undefined> {
    const [row] = await this.database.query<SigningKeyRow>(
      `SELECT ${COLUMNS} FROM token_signing_keys WHERE created_at > now() - make_interval(secs => $1)
       ORDER BY created_at DESC, id DESC LIMIT 1`,
      [maxAgeSeconds],
    )
    return row
  }

  async byId(id: string): Promise<SigningKeyRow | undefined> {
    return (
      await this.database.query<SigningKeyRow>(`SELECT ${COLUMNS} FROM token_signing_keys WHERE id = $1`, [id])
    )[0]
  }

  /** Deletes those that are older than `keepSeconds`: nothing that they signed is good any more. */
  async insert({ id, secret, secretCiphertext }: SigningKeyRow, keepSeconds: number): Promise<void> {
    await this.database.query(
      `WITH outdated AS (DELETE FROM token_signing_keys WHERE created_at < now() - make_interval(secs => $4))
       INSERT INTO token_signing_keys (id, secret, secret_ciphertext) VALUES ($1, $2, $3)`,
      [id, secret, secretCiphertext, keepSeconds],
    )
  }
}
