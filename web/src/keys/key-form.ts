import type { Schemas } from '../api/http'
import type { Key } from '../accounts/types'
import { limitOf, NO_LIMIT, type CreditLimitForm } from './credit-limit-fields'

/** What is said of a key, as it is typed; empty: nothing. */
export interface KeyForm {
  name: string
  /** ISO-8601 */
  expiresAt: string
  rateLimitPerMinute: number | string
  allowedCidrs: string[]
  limit: CreditLimitForm
}

export const NEW_KEY: KeyForm = { name: '', expiresAt: '', rateLimitPerMinute: '', allowedCidrs: [], limit: NO_LIMIT }

export function keyFormOf({ name, expiresAt, rateLimitPerMinute, allowedCidrs, creditLimit }: Key): KeyForm {
  return {
    name: name ?? '',
    expiresAt: expiresAt ?? '',
    rateLimitPerMinute: rateLimitPerMinute ?? '',
    allowedCidrs: allowedCidrs ?? [],
    limit: creditLimit ?? NO_LIMIT,
  }
}

export type KeySettings = Required<
  Pick<Schemas['CreateKeyBody'], 'name' | 'expiresAt' | 'rateLimitPerMinute' | 'allowedCidrs' | 'creditLimit'>
>

/** null: not set */
export function keySettingsOf({ name, expiresAt, rateLimitPerMinute, allowedCidrs, limit }: KeyForm): KeySettings {
  return {
    name: name.trim() || null,
    expiresAt: expiresAt || null,
    rateLimitPerMinute: rateLimitPerMinute === '' ? null : Number(rateLimitPerMinute),
    allowedCidrs: allowedCidrs.length > 0 ? allowedCidrs : null,
    creditLimit: limitOf(limit),
  }
}
