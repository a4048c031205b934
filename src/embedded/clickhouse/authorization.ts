import { createHash, timingSafeEqual } from 'node:crypto'
import { IncomingMessage } from 'node:http'
import { exception } from './exceptions.js'
import { RequestParameters } from './request-parameters.js'

const USER = 'default'

/** Throws unless the request names the one user with its password: as Basic, X-ClickHouse-* headers or URL parameters. */
export function authorize(request: IncomingMessage, parameters: RequestParameters, password: string): void {
  const given = credentials(request, parameters)
  const passwordFits = timingSafeEqual(digest(given.password), digest(password))
  if (passwordFits && given.user === USER) return
  const hint = 'Authentication failed: password is incorrect, or there is no user with such name.'
  if (given.password === '') throw exception(194, 'REQUIRED_PASSWORD', `${given.user}: ${hint}`)
  throw exception(516, 'AUTHENTICATION_FAILED', `${given.user}: ${hint}`)
}

function credentials(request: IncomingMessage, parameters: RequestParameters): { user: string; password: string } {
  const basic = /^Basic (.+)$/i.exec(request.headers.authorization ?? '')?.[1]
  if (basic !== undefined) return splitBasic(Buffer.from(basic, 'base64').toString())
  const user = header(request, 'x-clickhouse-user') ?? parameters.user ?? USER
  return { user, password: header(request, 'x-clickhouse-key') ?? parameters.password ?? '' }
}

function splitBasic(text: string): { user: string; password: string } {
  const colon = text.indexOf(':')
  return { user: text.slice(0, colon), password: text.slice(colon + 1) }
}

function header(request: IncomingMessage, name: string): string | undefined {
  const value = request.headers[name]
  return Array.isArray(value) ? value[0] : value
}

// Equal lengths, as timingSafeEqual wants them, and no word about the length of the password.
function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}
