import { Injectable } from '@nestjs/common'
import { Database } from '../database/database.js'

export interface NewSession {
  /** hex */
  hash: string
  /** hex, of the key that signed in */
  keyHash: string
  seconds: number
}

@Injectable()
export class SessionsRepository {
  constructor(private readonly database: Database) {}

  /** Also ends the sessions of the same key beyond the newest `keep`. */
  async insert({ hash, keyHash, seconds }: NewSession, keep: number): Promise<Date> {
    const rows = await this.database.query<{ expiresAt: Date }>(
      `WITH surplus AS (
         DELETE FROM sessions WHERE hash IN (
           SELECT hash FROM sessions WHERE key_hash = decode($2, 'hex') ORDER BY created_at DESC OFFSET $4 - 1))
       INSERT INTO sessions (hash, key_hash, expires_at)
       VALUES (decode($1, 'hex'), decode($2, 'hex'), now() + make_interval(secs => $3))
       RETURNING expires_at AS "expiresAt"`,
      [hash, keyHash, seconds, keep],
    )
    return rows[0]!.expiresAt
  }

  /** Of the key behind a live session, in hex. */
  async keyHashOf(hash: string): Promise<string | undefined> {
    const rows = await this.database.query<{ keyHash: string }>(
      `SELECT encode(key_hash, 'hex') AS "keyHash" FROM sessions
       WHERE hash = decode($1, 'hex') AND expires_at > now()`,
      [hash],
      'sessions-by-hash',
    )
    return rows[0]?.keyHash
  }

  async delete(hash: string): Promise<void> {
    await this.database.query(`DELETE FROM sessions WHERE hash = decode($1, 'hex')`, [hash])
  }

  async deleteExpired(): Promise<void> {
    await this.database.query('DELETE FROM sessions WHERE expires_at <= now()')
  }
}
