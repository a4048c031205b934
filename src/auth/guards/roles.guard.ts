import { Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common'
import type { RoutePolicy } from '../../common/decorators/access.decorator.js'
import { routeSettingsOf } from '../../common/decorators/route-settings.decorator.js'
import { mayCall } from '../access-rules.js'
import { ForbiddenError, TokenForbiddenError } from '../auth.errors.js'
import { requestOf } from '../../common/http/http-context.js'

/** Whether the principal may call the route: 403 by its role, its being a token, and the route's @Access(). Behind ApiKeyGuard. */
@Injectable()
export class RolesGuard implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    const { principal, method } = requestOf(context)
    const { access: policy, token = false } = routeSettingsOf(context.getHandler())
    if (!policy || policy === 'public') return true
    if (principal!.token && !token) throw new TokenForbiddenError()
    if (mayCall(principal!, policy, method)) return true
    throw refusalOf(policy)
  }
}

const REFUSALS: Partial<Record<RoutePolicy, string>> = {
  events: 'This key may not send events; an admin can set "sendEvents": true on the user or the key.',
  dashboards: 'The access policy of this key has no dashboards; an admin can set "dashboards": true in it.',
}

function refusalOf(policy: RoutePolicy): ForbiddenError {
  return new ForbiddenError(REFUSALS[policy])
}
