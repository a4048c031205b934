import { randomBytes } from 'node:crypto'
import { Injectable } from '@nestjs/common'
import { Database } from '../../infrastructure/database/database.js'
import { hashOfKey } from '../api-keys/api-key.js'

const TICKET_SECONDS = 60

/** The key that a request holds without showing it. */
export interface TicketPrincipal {
  /** null is the root key */
  keyId: string | null
  /** hex; of the session that the ticket was issued to: it is good as long as that */
  sessionHash: string | null
}

declare module 'fastify' {
  interface FastifyRequest {
    /** set where a ticket stood for the key */
    ticketPrincipal?: TicketPrincipal
  }
}

/**
 * Tickets stand for a key, once and for a minute: for a browser's WebSocket, which can send no header and whose address ends
 * in logs. In PostgreSQL, so that each works on every instance; only their hashes are kept.
 */
@Injectable()
export class TicketsService {
  constructor(private readonly database: Database) {}

  async issue({ keyId, sessionHash }: TicketPrincipal): Promise<{ ticket: string; expiresAt: string }> {
    const ticket = randomBytes(32).toString('base64url')
    const [row] = await this.database.query<{ expiresAt: Date }>(
      `WITH expired AS (DELETE FROM access_tickets WHERE expires_at < now())
       INSERT INTO access_tickets (hash, key_id, session_hash, expires_at)
       VALUES (decode($1, 'hex'), $2, decode($3, 'hex'), now() + make_interval(secs => $4))
       RETURNING expires_at AS "expiresAt"`,
      [hashOfKey(ticket), keyId, sessionHash, TICKET_SECONDS],
    )
    return { ticket, expiresAt: row!.expiresAt.toISOString() }
  }

  /** The key that it stood for; undefined when it is unknown, used or too old. It is used up either way. */
  async redeem(ticket: string): Promise<TicketPrincipal | undefined> {
    const rows = await this.database.query<TicketPrincipal & { isFresh: boolean }>(
      `DELETE FROM access_tickets WHERE hash = decode($1, 'hex')
       RETURNING key_id AS "keyId", encode(session_hash, 'hex') AS "sessionHash", expires_at > now() AS "isFresh"`,
      [hashOfKey(ticket)],
    )
    if (!rows[0]?.isFresh) return undefined
    const { keyId, sessionHash } = rows[0]
    return { keyId, sessionHash }
  }
}
