import type { NestFastifyApplication } from '@nestjs/platform-fastify'
import type { FastifyRequest, RouteOptions } from 'fastify'
import type { AccessPolicy } from '../common/access.decorator.js'
import type { Caller } from '../common/caller.js'
import { mayCall } from './access-rules.js'
import { AuthenticatorService } from './authenticator.service.js'
import { ForbiddenError } from './keys.errors.js'
import { isSameOrigin, sessionTokenOf } from './session-cookie.js'
import { TicketsService } from './tickets.service.js'

const GUARDED = /^\/(v1|api|users|health|metrics)(\/|$)/
const SCRAPER: Readonly<Caller> = Object.freeze({
  role: 'viewer',
  userId: null,
  keyId: null,
  rateLimitPerMinute: null,
})

/**
 * Checks the key and the role of every request in an `onRequest` hook, so before a byte of the body is read, and sets
 * `request.caller`. Call it before the routes are registered (before `init` and `listen`): a route of ours without an
 * access policy, and an admin's action without an audit rule, stop the start.
 */
export function registerAccessControl(app: NestFastifyApplication): void {
  const fastify = app.getHttpAdapter().getInstance()
  const authenticator = app.get(AuthenticatorService)
  const tickets = app.get(TicketsService)
  fastify.decorateRequest('caller', undefined)
  fastify.decorateRequest('heldKey', undefined)
  fastify.decorateRequest('creditsCharged', undefined)
  fastify.addHook('onRoute', requirePolicy)
  // With a callback: the hook runs with every request, and nearly all of them come with a key that is known.
  fastify.addHook('onRequest', (request, reply, done) => {
    const policy = request.routeOptions.config?.access
    if (!policy || policy === 'public') return done()
    // The answer is for the holder of the key alone: no proxy may keep it, unless the route says otherwise.
    void reply.header('cache-control', 'no-store')
    if (!request.routeOptions.config.ticket) request.caller = authenticator.recognize(keyOf(request), request.ip)
    if (request.caller && mayCall(request.caller.role, policy, request.method)) return done()
    redeemTicket(request, tickets, authenticator)
      .then(() => admit(request, policy, authenticator))
      .then(() => done(), done)
  })
}

function requirePolicy(route: RouteOptions): void {
  if (GUARDED.test(route.url) && !route.config?.access) {
    throw new Error(`${String(route.method)} ${route.url} has no access policy: put @Access() on its handler`)
  }
  if (route.config?.access === 'admin' && !isRead(route.method) && !route.config.audit) {
    throw new Error(`${String(route.method)} ${route.url} is not audited: put @Audited() on its handler`)
  }
}

function isRead(method: RouteOptions['method']): boolean {
  return [method].flat().every((each) => each === 'GET' || each === 'HEAD')
}

/** A ticket is used up by the first look at it, so what it stood for is remembered for the looks to come. */
async function redeemTicket(
  request: FastifyRequest,
  tickets: TicketsService,
  authenticator: AuthenticatorService,
): Promise<void> {
  const { ticket } = request.query as { ticket?: unknown }
  if (!request.routeOptions.config.ticket || ticket === undefined) return
  request.heldKey = typeof ticket === 'string' ? await tickets.redeem(ticket) : undefined
  if (!request.heldKey) throw await authenticator.refusal(request.ip)
}

/** Sets the caller before it asks what he may do, so that the log says whose 403 it was. */
export async function admit(
  request: FastifyRequest,
  policy: Exclude<AccessPolicy, 'public'>,
  authenticator: AuthenticatorService,
): Promise<void> {
  request.caller = await callerOf(request, policy, authenticator)
  if (!mayCall(request.caller.role, policy, request.method)) throw new ForbiddenError()
}

/** By its key; a browser that sent none by the session that it signed in to. */
async function callerOf(
  request: FastifyRequest,
  policy: AccessPolicy,
  authenticator: AuthenticatorService,
): Promise<Caller> {
  const key = keyOf(request)
  if (policy === 'metrics' && authenticator.isMetricsToken(key)) return SCRAPER
  if (request.heldKey) return authenticator.authenticateHeld(request.heldKey, request.ip)
  const token = sessionOf(request)
  if (token === undefined) return authenticator.authenticate(key, request.ip)
  if (!isSameOrigin(request)) throw new ForbiddenError('A session is good for requests of its own page only.')
  return authenticator.authenticateSession(token, request.ip)
}

/** The session that the request came with; undefined where it shows a key, which comes first. */
export function sessionOf(request: FastifyRequest): string | undefined {
  return keyOf(request) === undefined ? sessionTokenOf(request) : undefined
}

/** `x-api-key: KEY`, else `Authorization: Bearer KEY`. */
function keyOf({ headers }: FastifyRequest): string | undefined {
  const key = headers['x-api-key']
  if (key !== undefined) return typeof key === 'string' ? key.trim() : undefined
  return /^Bearer +(\S+) *$/i.exec(headers.authorization ?? '')?.[1]
}
