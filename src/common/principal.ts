import { createParamDecorator, type ExecutionContext } from '@nestjs/common'
import { AppError } from './errors/app-error.js'
import { requestOf } from './http/http-context.js'

export const ROLES = ['admin', 'viewer', 'member'] as const
export type Role = (typeof ROLES)[number]

/** Who sent the request. The root key belongs to no user: it has no account, no credits and no rate limit. */
export interface Principal {
  role: Role
  /** null for the root key */
  userId: string | null
  /** null for the root key */
  keyId: string | null
  /** the browser token that stands for the key; it may call the routes for tokens alone */
  token?: TokenOfPrincipal
  /** queries a minute; null when nothing limits the principal */
  rateLimitPerMinute: number | null
  /** may send events although its role alone does not let it */
  sendEvents?: boolean
  /** what its requests are counted in; empty for the root key */
  rateLimits: readonly RateLimitBucket[]
}

export interface TokenOfPrincipal {
  id: string
  /** the limit that it counts in beside that of its key; null: none */
  creditLimitId: string | null
}

/** A number of queries a minute, for a token, for a key with its tokens, or for all keys of an account together. */
export interface RateLimitBucket {
  scope: 'account' | 'key' | 'token'
  /** what is counted under it: the id of the user, the key or the token */
  id: string
  perMinute: number
}

declare module 'fastify' {
  interface FastifyRequest {
    /** set by ApiKeyGuard on every route that needs a key */
    principal?: Principal
    /** set by CreditsGuard; ends in the request log */
    creditsCharged?: number
    /** the dataset that a query goes to, once it is known to exist; ends in the request log */
    queriedDataset?: string
  }
}

/** The principal of a route that needs a key. */
export const CurrentPrincipal = createParamDecorator((_data: unknown, context: ExecutionContext): Principal => {
  const { principal } = requestOf(context)
  if (!principal) throw new Error('CurrentPrincipal is used on a route without access control')
  return principal
})

/** The account that a request is made for; 404 for the root key, which has none. */
export function accountIdOf({ userId }: Pick<Principal, 'userId'>): string {
  if (userId !== null) return userId
  throw new AppError('NOT_FOUND', 'The root key belongs to no account. Use the routes below /v1/admin/users/:id.')
}
