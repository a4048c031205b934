import { isWithin } from '../../common/http/cidr-allowlist.js'
import { EffectiveAccess } from '../access/effective-access.js'
import type { KeySettings } from './keys.repository.js'

/** Settings that say how far a key reaches. */
export type ReachSettings = Omit<KeySettings, 'name'>

/**
 * What a key loses when the settings of the key that made it change, so that it reaches no further: nothing where it does
 * not. What the change adds to its maker is not added to it.
 */
export function restraintOf(made: ReachSettings, changes: Partial<ReachSettings>): Partial<ReachSettings> {
  const { status, expiresAt, rateLimitPerMinute, allowedCidrs, sendEvents, access, creditLimitId } = changes
  return {
    ...(status === 'disabled' && made.status === 'active' && { status }),
    ...(expiresAt && (made.expiresAt ?? NEVER) > expiresAt && { expiresAt }),
    ...(rateLimitPerMinute && (made.rateLimitPerMinute ?? Infinity) > rateLimitPerMinute && { rateLimitPerMinute }),
    ...(isLimited(allowedCidrs) && lostNetworks(made.allowedCidrs, allowedCidrs)),
    ...(sendEvents === false && made.sendEvents && { sendEvents }),
    ...(!EffectiveAccess.of(access).covers(made.access) && {
      access: EffectiveAccess.of(access, made.access).asPolicy(),
    }),
    // One of its own beside it would be more to spend.
    ...(creditLimitId && made.creditLimitId !== creditLimitId && { creditLimitId }),
  }
}

const NEVER = new Date(8.64e15)

function isLimited(cidrs: string[] | null | undefined): cidrs is string[] {
  return cidrs !== null && cidrs !== undefined && cidrs.length > 0
}

/** What both lists hold; all of the maker's where that is nothing, since an empty list is from anywhere. */
function lostNetworks(own: string[] | null, makers: string[]): Partial<ReachSettings> {
  if (!isLimited(own)) return { allowedCidrs: makers }
  if (own.every((cidr) => isWithin(cidr, makers))) return {}
  const common = [...own.filter((cidr) => isWithin(cidr, makers)), ...makers.filter((cidr) => isWithin(cidr, own))]
  return { allowedCidrs: common.length > 0 ? [...new Set(common)] : makers }
}
