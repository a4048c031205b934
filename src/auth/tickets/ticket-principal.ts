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
