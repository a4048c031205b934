import type { RoutePolicy } from '../common/decorators/access.decorator.js'
import { ROLES, type Principal, type Role } from '../common/principal.js'

type Allowed = 'everything' | 'reading' | 'nothing'

/** Which role may do what, by the access policy of a route. The root key has the role admin. */
const RULES: Record<Exclude<RoutePolicy, 'public'>, Record<Role, Allowed>> = {
  //            admin                viewer                member
  any: { admin: 'everything', viewer: 'everything', member: 'everything' },
  admin: { admin: 'everything', viewer: 'reading', member: 'nothing' },
  events: { admin: 'everything', viewer: 'nothing', member: 'nothing' },
  metrics: { admin: 'everything', viewer: 'reading', member: 'nothing' },
}

/** The roles that may call such a route, for the documentation. */
export function rolesFor(policy: RoutePolicy, method: string): Role[] {
  return policy === 'public' ? [...ROLES] : ROLES.filter((role) => mayCall({ role }, policy, method))
}

export function mayCall(
  { role, sendEvents = false }: Pick<Principal, 'role' | 'sendEvents'>,
  policy: Exclude<RoutePolicy, 'public'>,
  method: string,
): boolean {
  const allowed = RULES[policy][role]
  if (policy === 'events' && sendEvents) return true
  return allowed === 'everything' || (allowed === 'reading' && (method === 'GET' || method === 'HEAD'))
}
