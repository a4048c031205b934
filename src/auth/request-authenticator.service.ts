import { Injectable } from '@nestjs/common'
import type { FastifyRequest } from 'fastify'
import type { RoutePolicy } from '../common/decorators/access.decorator.js'
import type { Principal } from '../common/principal.js'
import { EffectiveAccess } from './access/effective-access.js'
import { ForbiddenError } from './auth.errors.js'
import { KeyAuthenticator } from './key-authenticator.service.js'
import { isSameOrigin, sessionTokenOf } from './sessions/session-cookie.js'
import { TicketsService } from './tickets/tickets.service.js'

const METRICS_SCRAPER: Readonly<Principal> = Object.freeze({
  role: 'viewer',
  userId: null,
  keyId: null,
  rateLimitPerMinute: null,
  rateLimits: [],
  access: EffectiveAccess.UNRESTRICTED,
})

/** Finds the credential of a request (key, session cookie or ticket) and the principal behind it. */
@Injectable()
export class RequestAuthenticator {
  constructor(
    private readonly authenticator: KeyAuthenticator,
    private readonly tickets: TicketsService,
  ) {}

  /** The principal of a key that was looked up a moment ago, at once; undefined leaves it to `authenticate`. */
  recognize(request: FastifyRequest): Principal | undefined {
    return this.authenticator.recognize(keyOf(request), request.ip)
  }

  /**
   * The ticket's principal where the route takes tickets and one was sent, else the key's, else the session's.
   * UnauthenticatedError (401), RateLimitedError (429) for an address that keeps failing, ForbiddenError for a key that
   * may not be used from this address and for a session that is used by another page.
   */
  async authenticate(request: FastifyRequest, policy: Exclude<RoutePolicy, 'public'>): Promise<Principal> {
    const key = keyOf(request)
    if (policy === 'metrics' && this.authenticator.isMetricsToken(key)) return METRICS_SCRAPER
    if (request.ticketPrincipal) return this.authenticator.authenticateTicket(request.ticketPrincipal, request.ip)
    const token = sessionOf(request)
    if (token === undefined) return this.authenticator.authenticate(key, request.ip)
    if (!isSameOrigin(request))
      throw new ForbiddenError(
        "A session works only for requests from this server's own pages; send an API key instead.",
      )
    return this.authenticator.authenticateSession(token, request.ip)
  }

  /** A ticket is used up by the first look at it, so what it stands for is kept with the request. */
  async redeemTicket(request: FastifyRequest): Promise<void> {
    const { ticket } = request.query as { ticket?: unknown }
    if (ticket === undefined) return
    request.ticketPrincipal = typeof ticket === 'string' ? await this.tickets.redeem(ticket) : undefined
    if (!request.ticketPrincipal) throw await this.authenticator.refusal(request.ip)
  }
}

/** The session that the request came with; undefined where it has a key, which takes precedence. */
export function sessionOf(request: FastifyRequest): string | undefined {
  return keyOf(request) === undefined ? sessionTokenOf(request) : undefined
}

/** `x-api-key: KEY`, else `Authorization: Bearer KEY`. */
function keyOf({ headers }: FastifyRequest): string | undefined {
  const key = headers['x-api-key']
  if (key !== undefined) return typeof key === 'string' ? key.trim() : undefined
  return /^Bearer +(\S+) *$/i.exec(headers.authorization ?? '')?.[1]
}
