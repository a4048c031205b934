import { parseCookie, stringifySetCookie } from 'cookie'
import type { FastifyReply, FastifyRequest } from 'fastify'

const COOKIE = 'countinghouse_session'

/** The token of the browser's session, if it has one. */
export function sessionTokenOf({ headers }: FastifyRequest): string | undefined {
  return headers.cookie?.includes(COOKIE) ? parseCookie(headers.cookie)[COOKIE] : undefined
}

/** No script can read it, and no other site can make the browser send it. */
export function setSessionCookie(request: FastifyRequest, reply: FastifyReply, token: string, seconds: number): void {
  const value = stringifySetCookie({
    name: COOKIE,
    value: token,
    path: '/',
    httpOnly: true,
    sameSite: 'strict',
    // Browsers drop a Secure cookie that came over plain HTTP, which is how a first start on a machine is reached.
    secure: request.protocol === 'https',
    maxAge: seconds,
  })
  void reply.header('set-cookie', value)
}

export function clearSessionCookie(request: FastifyRequest, reply: FastifyReply): void {
  setSessionCookie(request, reply, '', 0)
}

/**
 * SameSite knows sites, not ports: another server on this host must not act with the session. Browsers that say whether a
 * request is of the same origin are believed; of others the whole origin must be this server's, scheme included.
 */
export function isSameOrigin(request: FastifyRequest): boolean {
  const { 'sec-fetch-site': site, origin } = request.headers
  if (site !== undefined && site !== 'none') return site === 'same-origin'
  return origin === undefined || origin === `${request.protocol}://${request.host}`
}
