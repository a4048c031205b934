import type { RoutePolicy } from '../common/decorators/access.decorator.js'
import { ROLES, type Principal, type Role } from '../common/principal.js'

type Allowed = 'everything' | 'reading' | 'nothing'

/**
 * Which role may do what, by the policy of a route; sending events and dashboards depend on the rights of the principal too.
 * The root key has the role admin.
 */
const RULES: Record<Exclude<RoutePolicy, 'public'>, Record<Role, Allowed>> = {
  //            admin                viewer                member
  any: { admin: 'everything', viewer: 'everything', member: 'everything' },
  dashboards: { admin: 'everything', viewer: 'everything', member: 'everything' },
  admin: { admin: 'everything', viewer: 'reading', member: 'nothing' },
  events: { admin: 'everything', viewer: 'nothing', member: 'nothing' },
  metrics: { admin: 'everything', viewer: 'reading', member: 'nothing' },
}

/** The roles that may call such a route, for the documentation. */
export function rolesFor(policy: RoutePolicy, method: string): Role[] {
  return policy === 'public' ? [...ROLES] : ROLES.filter((role) => mayCall({ role }, policy, method))
}

export function mayCall(
  { role, sendEvents = false, access }: Pick<Principal, 'role' | 'sendEvents'> & Partial<Pick<Principal, 'access'>>,
  policy: Exclude<RoutePolicy, 'public'>,
  method: string,
): boolean {
  const allowed = RULES[policy][role]
  if (policy === 'events' && sendEvents) return true
  if (policy === 'dashboards' && access?.dashboards === false) return false
  return allowed === 'everything' || (allowed === 'reading' && (method === 'GET' || method === 'HEAD'))
}
