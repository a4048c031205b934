import { createParamDecorator, type ExecutionContext } from '@nestjs/common'
import type { FastifyRequest } from 'fastify'

export const ROLES = ['admin', 'viewer', 'member'] as const
export type Role = (typeof ROLES)[number]

/** Who sent the request. The root key belongs to no user: it has no account, no credits and no rate limit. */
export interface Caller {
  role: Role
  /** null for the root key */
  userId: string | null
  /** null for the root key */
  keyId: string | null
  /** queries a minute; null when nothing limits the caller */
  rateLimitPerMinute: number | null
  /** what is counted for it; the key alone when absent */
  allowances?: readonly Allowance[]
}

/** A number of queries a minute, for whatever is counted under this id: a key, or all keys of a user together. */
export interface Allowance {
  id: string
  perMinute: number
}

declare module 'fastify' {
  interface FastifyRequest {
    /** set by the access hook on every route that needs a key */
    caller?: Caller
    /** set by whoever charges; ends in the request log */
    creditsCharged?: number
  }
}

/** The caller of a route that needs a key. */
export const CurrentCaller = createParamDecorator((_data: unknown, context: ExecutionContext): Caller => {
  const { caller } = context.switchToHttp().getRequest<FastifyRequest>()
  if (!caller) throw new Error('CurrentCaller is used on a route without access control')
  return caller
})
