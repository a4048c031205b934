import { Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common'
import type { FastifyRequest } from 'fastify'
import type { RoutePolicy } from '../../common/decorators/access.decorator.js'
import { routeSettingsOf } from '../../common/decorators/route-settings.decorator.js'
import { RequestAuthenticator } from '../request-authenticator.service.js'
import { replyOf, requestOf } from '../../common/http/http-context.js'

/**
 * Who calls: sets `request.principal` on every route but the public ones. 401 without a valid credential, 429 for an
 * address that keeps failing. Synchronous for a key that is known already, which nearly all are.
 */
@Injectable()
export class ApiKeyGuard implements CanActivate {
  constructor(private readonly authenticator: RequestAuthenticator) {}

  canActivate(context: ExecutionContext): boolean | Promise<boolean> {
    const request = requestOf(context)
    const { access: policy, ticket } = routeSettingsOf(context.getHandler())
    if (!policy || policy === 'public') return true
    // The answer is for the holder of the key alone: no proxy may keep it, unless the route says otherwise.
    void replyOf(context).header('cache-control', 'no-store')
    if (!ticket && (request.principal = this.authenticator.recognize(request))) return true
    return this.authenticate(request, policy, ticket ?? false)
  }

  private async authenticate(
    request: FastifyRequest,
    policy: Exclude<RoutePolicy, 'public'>,
    takesTicket: boolean,
  ): Promise<boolean> {
    if (takesTicket) await this.authenticator.redeemTicket(request)
    request.principal = await this.authenticator.authenticate(request, policy)
    return true
  }
}
