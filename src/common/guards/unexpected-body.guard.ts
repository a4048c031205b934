import { Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common'
import { RouteParamtypes } from '@nestjs/common/enums/route-paramtypes.enum.js'
import { ValidationError } from '../errors/app-error.js'
import { routeSettingsOf } from '../decorators/route-settings.decorator.js'
import { parametersOf } from '../http/handler-parameters.js'
import { requestOf } from '../http/http-context.js'

declare module 'fastify' {
  interface FastifyContextConfig {
    /**
     * The body is a query: read from `request.body` without a @Body(). Clients send the same ones again and again, so
     * equal texts share one parsed body, which is frozen.
     */
    takesQuery?: boolean
  }
}

/**
 * Refuses the fields of a body where a route takes none; where it takes one, the validation pipe refuses fields that it
 * does not know.
 */
@Injectable()
export class UnexpectedBodyGuard implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    const { body } = requestOf(context)
    const { streamBody, rawBody, takesQuery } = routeSettingsOf(context.getHandler())
    if (typeof body !== 'object' || body === null || streamBody || rawBody || takesQuery) return true
    if (hasBodyParameter(context)) return true
    const names = Object.keys(body)
    if (names.length > 0) throw new ValidationError(names.map((path) => ({ path, message: 'is not a known field' })))
    return true
  }
}

function hasBodyParameter(context: ExecutionContext): boolean {
  return parametersOf(context.getClass(), context.getHandler().name).includes(RouteParamtypes.BODY)
}
