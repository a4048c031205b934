import { Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common'
import { AppError } from '../errors/app-error.js'
import { negotiate } from '../http/media-types.js'
import { RouteSettings, routeSettingsOf } from '../decorators/route-settings.decorator.js'
import { requestOf } from '../http/http-context.js'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** the media types in which a route answers, the usual one first; JSON when absent */
    produces?: readonly string[]
  }
  interface FastifyRequest {
    /** of the route's media types the one that `Accept` likes best */
    acceptedType?: string
  }
}

const JSON_ALONE = ['application/json']

/** The media types in which a route answers; JSON where there is no such decorator. */
export function Produces(...mediaTypes: string[]): MethodDecorator {
  return RouteSettings({ produces: mediaTypes })
}

/** 406 for a request whose `Accept` names nothing that the route can give; errors are problem+json whatever it says. */
@Injectable()
export class AcceptableGuard implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    const request = requestOf(context)
    const offered = routeSettingsOf(context.getHandler()).produces ?? JSON_ALONE
    request.acceptedType = negotiate(request.headers.accept, offered)
    if (request.acceptedType === undefined)
      throw new AppError('NOT_ACCEPTABLE', `This route responds with ${offered.join(', ')}; Accept names none of them.`)
    return true
  }
}
