import type { AccessPolicy } from '../common/access.decorator.js'
import { ROLES, type Role } from '../common/caller.js'

type Allowed = 'everything' | 'reading' | 'nothing'

/** Who may do what, by the access policy of a route. The root key has the role admin. */
const RULES: Record<Exclude<AccessPolicy, 'public'>, Record<Role, Allowed>> = {
  //            admin                viewer                member
  any: { admin: 'everything', viewer: 'everything', member: 'everything' },
  admin: { admin: 'everything', viewer: 'reading', member: 'nothing' },
  metrics: { admin: 'everything', viewer: 'reading', member: 'nothing' },
}

/** The roles that may call such a route, for the documentation. */
export function rolesFor(policy: AccessPolicy, method: string): Role[] {
  return policy === 'public' ? [...ROLES] : ROLES.filter((role) => mayCall(role, policy, method))
}

export function mayCall(role: Role, policy: Exclude<AccessPolicy, 'public'>, method: string): boolean {
  const allowed = RULES[policy][role]
  return allowed === 'everything' || (allowed === 'reading' && (method === 'GET' || method === 'HEAD'))
}
