import cors, { type FastifyCorsOptions, type FastifyCorsOptionsDelegateCallback } from '@fastify/cors'
import type { NestFastifyApplication } from '@nestjs/platform-fastify'
import { originsOf } from '../common/http/origins.js'
import type { Config } from '../config/config.js'

const PREFLIGHT_SECONDS = 3_600
/** What a page of another origin may send besides what every page may. */
const SENT = ['authorization', 'content-type', 'idempotency-key', 'if-none-match', 'x-api-key']
/** What its scripts may read besides the type and length of the body. */
const READ = [
  ...['content-disposition', 'etag', 'idempotent-replayed', 'location', 'retry-after', 'x-cache', 'x-request-id'],
  ...['ratelimit-limit', 'ratelimit-remaining', 'ratelimit-reset', 'x-credits-charged', 'x-credits-remaining'],
]
const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE']

/**
 * Lets pages of CORS_ORIGINS call with a key or a token. Never with a cookie: `Access-Control-Allow-Credentials` is not sent,
 * and a session is refused to other origins anyway. A preflight is answered here, before it is counted or logged; for other
 * origins everything is as without the setting. Register it before every hook that can refuse, so that scripts can read
 * the refusal.
 */
export async function allowOtherOrigins(app: NestFastifyApplication, { corsOrigins }: Config): Promise<void> {
  const origins = new Set(originsOf(corsOrigins))
  if (origins.size === 0) return
  const delegator: FastifyCorsOptionsDelegateCallback = ({ headers }, callback) => {
    callback(null, origins.has(headers.origin ?? '') ? rulesFor(headers) : { origin: false })
  }
  await app.register(cors, { delegator })
}

function rulesFor({ origin, ...headers }: Record<string, unknown>): FastifyCorsOptions {
  return {
    origin: origin as string,
    methods: METHODS,
    allowedHeaders: SENT,
    exposedHeaders: READ,
    credentials: false,
    maxAge: PREFLIGHT_SECONDS,
    // Any other OPTIONS is a method like the rest.
    preflight: headers['access-control-request-method'] !== undefined,
  }
}
