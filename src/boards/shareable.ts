import { AppError } from '../common/errors/app-error.js'
import { ForbiddenError } from '../auth/auth.errors.js'
import type { Principal } from '../common/principal.js'

export const VISIBILITIES = ['private', 'shared'] as const
export type Visibility = (typeof VISIBILITIES)[number]

/** What saved queries and boards have in common: somebody made them, for themselves or for others. */
export interface Shareable {
  id: string
  /** null: the root key */
  userId: string | null
  name: string
  description: string
  visibility: Visibility
  /** which rows its author gets (`EffectiveAccess.rowsKey`) */
  rowsKey: string | null
  /** counts the changes */
  revision: number
  createdAt: Date
  updatedAt: Date
}

type OwnedBy = Pick<Shareable, 'userId'>

export function isOwn({ userId }: OwnedBy, principal: Principal): boolean {
  return userId === principal.userId
}

export function mayChange(item: OwnedBy, principal: Principal): boolean {
  return principal.role === 'admin' || isOwn(item, principal)
}

/** Throws FORBIDDEN unless the principal may change it, and CONFLICT where it is not as the principal has read it. */
export function requireChangeable(
  item: Shareable,
  principal: Principal,
  revision: number | undefined = item.revision,
): void {
  if (!mayChange(item, principal)) throw new ForbiddenError('Only who made it or an admin may change it. Save a copy.')
  if (revision === item.revision) return
  throw new AppError(
    'CONFLICT',
    `It was changed meanwhile: revision ${item.revision} is current, yours is ${revision}. Read it again, then change that.`,
  )
}

/** Of a list that may grow to so many. */
export function requireRoom(count: number, most: number, what: string): void {
  if (count >= most) throw new AppError('CONFLICT', `This account has ${most} ${what}: delete one first.`)
}
