import { isWithin } from '../../common/http/cidr-allowlist.js'
import type { AccessPolicy } from '../access/access-policy.js'
import { EffectiveAccess } from '../access/effective-access.js'
import type { ApiKeyStatus } from './api-key.entity.js'

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

/** What of a key's settings says how far it reaches. */
export type ReachSettings = KeyReach & { status: ApiKeyStatus }

const SHARED_LIMIT = 'must be left out: keys of this key share what it may spend'

/** In which fields `wanted` goes beyond `own`, with what is allowed. */
export function excessesOf(wanted: KeyReach, own: KeyReach): { path: string; message: string }[] {
  return [
    ...(expiresLater(wanted, own) ? [{ path: 'expiresAt', message: lifeOf(own) }] : []),
    ...(hasHigherLimit(wanted, own) ? [{ path: 'rateLimitPerMinute', message: limitOf(own) }] : []),
    ...(isUsedElsewhere(wanted, own) ? [{ path: 'allowedCidrs', message: networksOf(own) }] : []),
    ...(spendsElsewhere(wanted, own) ? [{ path: 'creditLimit', message: SHARED_LIMIT }] : []),
    ...(seesMore(wanted, own) ? [{ path: 'access', message: 'must name nothing that this key may not see' }] : []),
    ...(wanted.sendEvents && !own.sendEvents
      ? [{ path: 'sendEvents', message: 'must be false: this key may not send events' }]
      : []),
  ]
}

/**
 * What a key loses when the settings of the key that made it change, so that it reaches no further: nothing where it does
 * not. What the change adds to its maker is not added to it.
 */
export function restraintOf(made: ReachSettings, changes: Partial<ReachSettings>): Partial<ReachSettings> {
  const { expiresAt = null, rateLimitPerMinute = null, allowedCidrs = null } = changes
  const { status, sendEvents = true, access = null, creditLimitId = null } = changes
  const maker: KeyReach = { expiresAt, rateLimitPerMinute, allowedCidrs, sendEvents, access, creditLimitId }
  return {
    ...(status === 'disabled' && made.status === 'active' && { status }),
    ...(expiresLater(made, maker) && { expiresAt }),
    ...(hasHigherLimit(made, maker) && { rateLimitPerMinute }),
    ...(isUsedElsewhere(made, maker) && { allowedCidrs: commonNetworks(made, maker) }),
    ...(seesMore(made, maker) && { access: EffectiveAccess.of(access, made.access).asPolicy() }),
    ...(made.sendEvents && !sendEvents && { sendEvents }),
    ...(spendsElsewhere(made, maker) && { creditLimitId }),
  }
}

function expiresLater(wanted: KeyReach, own: KeyReach): boolean {
  return own.expiresAt !== null && (wanted.expiresAt === null || wanted.expiresAt > own.expiresAt)
}

function hasHigherLimit(wanted: KeyReach, own: KeyReach): boolean {
  return (wanted.rateLimitPerMinute ?? Infinity) > (own.rateLimitPerMinute ?? Infinity)
}

function isUsedElsewhere({ allowedCidrs: wanted }: KeyReach, { allowedCidrs: own }: KeyReach): boolean {
  return own !== null && (!wanted?.length || !wanted.every((cidr) => isWithin(cidr, own)))
}

/** What both lists hold; all of the maker's where that is nothing, since an empty list is from anywhere. */
function commonNetworks({ allowedCidrs: made }: KeyReach, { allowedCidrs: maker }: KeyReach): string[] {
  const [own, makers] = [made ?? [], maker ?? []]
  const common = [...own.filter((cidr) => isWithin(cidr, makers)), ...makers.filter((cidr) => isWithin(cidr, own))]
  return common.length > 0 ? [...new Set(common)] : makers
}

function seesMore(wanted: KeyReach, own: KeyReach): boolean {
  return !EffectiveAccess.of(own.access).covers(wanted.access)
}

/** Keys that share a limit spend no more together; one of its own beside it would be more. */
function spendsElsewhere(wanted: KeyReach, own: KeyReach): boolean {
  return own.creditLimitId !== null && wanted.creditLimitId !== own.creditLimitId
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
