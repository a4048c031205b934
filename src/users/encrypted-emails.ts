import { Injectable, type OnModuleInit } from '@nestjs/common'
import { Database } from '../database/database.js'
import { FieldCipher, keyIdOf } from '../encryption/field-cipher.js'
import { ReencryptionService, type EncryptedColumn } from '../encryption/reencryption.service.js'
import { UserEmails } from './user-emails.js'

interface EmailRow {
  id: string
  email: string | null
  emailCiphertext: Buffer | null
}

/** Rows that are looked at in one go: milliseconds of work, so that nobody waits for a row for long. */
const BATCH_ROWS = 500
const FIRST_ID = '00000000-0000-0000-0000-000000000000'

/** The emails of users, deleted ones too, as ReencryptionService sees them. */
@Injectable()
export class EncryptedEmails implements EncryptedColumn, OnModuleInit {
  readonly name = 'emails'

  constructor(
    private readonly database: Database,
    private readonly cipher: FieldCipher,
    private readonly emails: UserEmails,
    private readonly reencryption: ReencryptionService,
  ) {}

  onModuleInit(): void {
    this.reencryption.add(this)
  }

  /** Hops through the index from key to key; `DISTINCT` would read all of it. */
  async keyIds(): Promise<Buffer[]> {
    const rows = await this.database.query<{ key: Buffer }>(`
      WITH RECURSIVE keys AS (
        (SELECT ${KEY_OF_EMAIL} AS key FROM users WHERE email_ciphertext IS NOT NULL ORDER BY 1 LIMIT 1)
        UNION ALL
        SELECT (SELECT ${KEY_OF_EMAIL} FROM users
                WHERE email_ciphertext IS NOT NULL AND ${KEY_OF_EMAIL} > keys.key ORDER BY 1 LIMIT 1)
        FROM keys WHERE keys.key IS NOT NULL
      )
      SELECT key FROM keys WHERE key IS NOT NULL`)
    return rows.map(({ key }) => key)
  }

  async hasPlain(): Promise<boolean> {
    const rows = await this.database.query(
      // The order is that of the index, so that the index answers.
      'SELECT 1 FROM users WHERE email IS NOT NULL ORDER BY lower(email) LIMIT 1',
    )
    return rows.length > 0
  }

  async reencryptBatch(after = FIRST_ID): Promise<{ changed: number; next: string | undefined }> {
    const rows = await this.database.query<EmailRow>(
      `SELECT id, email, email_ciphertext AS "emailCiphertext" FROM users WHERE id > $1 ORDER BY id LIMIT ${BATCH_ROWS}`,
      [after],
    )
    const due = rows.filter((row) => this.isDue(row))
    return {
      changed: due.length === 0 ? 0 : await this.replace(due),
      next: rows.length < BATCH_ROWS ? undefined : rows.at(-1)!.id,
    }
  }

  private isDue({ email, emailCiphertext }: EmailRow): boolean {
    return email !== null || (emailCiphertext !== null && !keyIdOf(emailCiphertext).equals(this.cipher.currentKeyId!))
  }

  /** Leaves a row alone whose email was changed since it was read: that change is under the current key already. */
  private async replace(rows: EmailRow[]): Promise<number> {
    const columns = rows.map((row) => this.emails.columnsOf(row.id, this.emails.emailOf(row)))
    const changed = await this.database.query(
      `UPDATE users u SET email = NULL, email_ciphertext = n.ciphertext, email_hash = n.hash
       FROM unnest($1::uuid[], $2::bytea[], $3::bytea[], $4::text[], $5::bytea[])
         AS n (id, ciphertext, hash, old_email, old_ciphertext)
       WHERE u.id = n.id AND u.email IS NOT DISTINCT FROM n.old_email
         AND u.email_ciphertext IS NOT DISTINCT FROM n.old_ciphertext
       RETURNING 1`,
      [
        rows.map(({ id }) => id),
        columns.map(({ emailCiphertext }) => emailCiphertext),
        columns.map(({ emailHash }) => emailHash),
        rows.map(({ email }) => email),
        rows.map(({ emailCiphertext }) => emailCiphertext),
      ],
    )
    return changed.length
  }
}

/** As in the index. */
const KEY_OF_EMAIL = 'substring(email_ciphertext, 2, 4)'
