import { randomBytes } from 'node:crypto'
import { Injectable } from '@nestjs/common'
import { hashOfKey } from '../api-keys/api-key.js'
import type { TicketPrincipal } from './ticket-principal.js'
import { TicketsRepository } from './tickets.repository.js'

const TICKET_SECONDS = 60

/**
 * Tickets stand for a key, once and for a minute: for a browser's WebSocket, which can send no header and whose address ends
 * in logs. In PostgreSQL, so that each works on every instance; only their hashes are kept.
 */
@Injectable()
export class TicketsService {
  constructor(private readonly tickets: TicketsRepository) {}

  async issue(principal: TicketPrincipal): Promise<{ ticket: string; expiresAt: string }> {
    const ticket = randomBytes(32).toString('base64url')
    const expiresAt = await this.tickets.insert(hashOfKey(ticket), principal, TICKET_SECONDS)
    return { ticket, expiresAt: expiresAt.toISOString() }
  }

  /** The key that it stood for; undefined when it is unknown, used or too old. It is used up either way. */
  redeem(ticket: string): Promise<TicketPrincipal | undefined> {
    return this.tickets.take(hashOfKey(ticket))
  }
}
