import { isWithin } from '../../common/http/cidr-allowlist.js'
import type { AccessPolicy } from '../access/access-policy.js'
import { EffectiveAccess } from '../access/effective-access.js'

/** What a key can do at most; a key may only be made, replaced or revoked by one that reaches at least as far. */
export interface KeyReach {
  /** null: never */
  expiresAt: Date | null
  /** with all limits that hold for it; null: unlimited */
  rateLimitPerMinute: number | null
  /** null: from anywhere */
  allowedCidrs: string[] | null
  sendEvents: boolean
  /** null: all that its user may see */
  access: AccessPolicy | null
  /** the limit on what it may spend; null: none. Keys that share one spend no more together */
  creditLimitId: string | null
}

const SHARED_LIMIT = 'must be left out: keys of this key share what it may spend'

/** In which fields `wanted` goes beyond `own`, with what is allowed. */
export function excessesOf(wanted: KeyReach, own: KeyReach): { path: string; message: string }[] {
  return [
    ...(expiresLater(wanted, own) ? [{ path: 'expiresAt', message: lifeOf(own) }] : []),
    ...(hasHigherLimit(wanted, own) ? [{ path: 'rateLimitPerMinute', message: limitOf(own) }] : []),
    ...(isUsedElsewhere(wanted, own) ? [{ path: 'allowedCidrs', message: networksOf(own) }] : []),
    ...(own.creditLimitId !== null && wanted.creditLimitId !== own.creditLimitId
      ? [{ path: 'creditLimit', message: SHARED_LIMIT }]
      : []),
    ...(EffectiveAccess.of(own.access).covers(wanted.access)
      ? []
      : [{ path: 'access', message: 'must name nothing that this key may not see' }]),
    ...(wanted.sendEvents && !own.sendEvents
      ? [{ path: 'sendEvents', message: 'must be false: this key may not send events' }]
      : []),
  ]
}

function expiresLater(wanted: KeyReach, own: KeyReach): boolean {
  return own.expiresAt !== null && (wanted.expiresAt === null || wanted.expiresAt > own.expiresAt)
}

function hasHigherLimit(wanted: KeyReach, own: KeyReach): boolean {
  return (wanted.rateLimitPerMinute ?? Infinity) > (own.rateLimitPerMinute ?? Infinity)
}

function isUsedElsewhere({ allowedCidrs: wanted }: KeyReach, { allowedCidrs: own }: KeyReach): boolean {
  return own !== null && (wanted === null || !wanted.every((cidr) => isWithin(cidr, own)))
}

function lifeOf({ expiresAt }: KeyReach): string {
  return `must not be later than ${expiresAt!.toISOString()}, when this key expires`
}

function limitOf({ rateLimitPerMinute }: KeyReach): string {
  return `must not be above ${rateLimitPerMinute}, the limit of this key`
}

function networksOf({ allowedCidrs }: KeyReach): string {
  return `must lie within ${allowedCidrs!.join(', ')}, the networks of this key`
}
