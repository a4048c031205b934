import type { Role } from '../session/use-session'

/** Answers of the API about accounts; API.md has their meaning. */
export interface User {
  id: string
  username: string
  firstName: string | null
  lastName: string | null
  email: string | null
  role: Role
  status: 'active' | 'disabled'
  credits: number
  rateLimitPerMinute: number | null
  createdAt: string
}

export interface Key {
  id: string
  name: string | null
  prefix: string
  expiresAt: string | null
  lastUsedAt: string | null
  status: 'active' | 'disabled' | 'expired' | 'revoked'
  createdAt: string
}

export interface LedgerEntry {
  id: string
  grantId: string | null
  type: 'grant' | 'charge' | 'release' | 'expire' | 'void'
  amount: number
  balanceAfter: number
  requestId: string | null
  reason: string | null
  createdAt: string
}

export interface Grant {
  id: string
  amount: number
  remaining: number
  priority: number
  expiresAt: string | null
  reason: string | null
  voidedAt: string | null
  createdAt: string
}

export interface UsageDay {
  date: string
  requests: number
  creditsUsed: number
  errors: number
}

export function fullNameOf({ firstName, lastName }: User): string {
  return [firstName, lastName].filter(Boolean).join(' ')
}
