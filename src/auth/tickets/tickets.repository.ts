import { Injectable } from '@nestjs/common'
import { Database } from '../../infrastructure/database/database.js'
import type { TicketPrincipal } from './ticket-principal.js'

/** Tickets by their hashes (hex). */
@Injectable()
export class TicketsRepository {
  constructor(private readonly database: Database) {}

  /** Gives when it expires. Deletes those that have. */
  async insert(hash: string, { keyId, sessionHash }: TicketPrincipal, seconds: number): Promise<Date> {
    const [row] = await this.database.query<{ expiresAt: Date }>(
      `WITH expired AS (DELETE FROM access_tickets WHERE expires_at < now())
       INSERT INTO access_tickets (hash, key_id, session_hash, expires_at)
       VALUES (decode($1, 'hex'), $2, decode($3, 'hex'), now() + make_interval(secs => $4))
       RETURNING expires_at AS "expiresAt"`,
      [hash, keyId, sessionHash, seconds],
    )
    return row!.expiresAt
  }

  /** Deletes it; gives what it stood for unless it was unknown or too old. */
  async take(hash: string): Promise<TicketPrincipal | undefined> {
    const [row] = await this.database.query<TicketPrincipal & { isFresh: boolean }>(
      `DELETE FROM access_tickets WHERE hash = decode($1, 'hex')
       RETURNING key_id AS "keyId", encode(session_hash, 'hex') AS "sessionHash", expires_at > now() AS "isFresh"`,
      [hash],
    )
    return row?.isFresh ? { keyId: row.keyId, sessionHash: row.sessionHash } : undefined
  }
}
