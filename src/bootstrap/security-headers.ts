import type { NestFastifyApplication } from '@nestjs/platform-fastify'
import type { FastifyRequest } from 'fastify'

const YEAR_SECONDS = 31_536_000
/** Answers are data: a browser that opens one runs nothing of it, and shows it in nobody's frame. */
const POLICY_OF_DATA = "default-src 'none'; frame-ancestors 'none'"
/** Swagger UI's own files; its page has style elements, and its pictures are data URLs. */
const POLICY_OF_SWAGGER = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "font-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')

/** On every answer, also on those that reach no hook. The console's page has a policy of its own (console.ts). */
export const SECURITY_HEADERS: Readonly<Record<string, string>> = Object.freeze({
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'content-security-policy': POLICY_OF_DATA,
})

/**
 * Puts the headers on every answer; Strict-Transport-Security where the request came by https. Register it before every
 * hook that can respond.
 */
export function sendSecurityHeaders(app: NestFastifyApplication): void {
  const fastify = app.getHttpAdapter().getInstance()
  fastify.addHook('onRequest', (request, reply, done) => {
    void reply.headers(securityHeadersOf(request))
    done()
  })
}

export function securityHeadersOf({ url, protocol }: FastifyRequest): Readonly<Record<string, string>> {
  const isSwagger = url.startsWith('/swagger') && /^\/swagger(\/|$|\?)/.test(url)
  if (!isSwagger && protocol !== 'https') return SECURITY_HEADERS
  const headers: Record<string, string> = { ...SECURITY_HEADERS }
  if (isSwagger) headers['content-security-policy'] = POLICY_OF_SWAGGER
  if (protocol === 'https') headers['strict-transport-security'] = `max-age=${YEAR_SECONDS}; includeSubDomains`
  return headers
}
