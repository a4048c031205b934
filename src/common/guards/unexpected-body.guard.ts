import { Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common'
import { ROUTE_ARGS_METADATA } from '@nestjs/common/constants.js'
import { RouteParamtypes } from '@nestjs/common/enums/route-paramtypes.enum.js'
import type { FastifyRequest } from 'fastify'
import { ValidationError } from './app-error.js'

/** Who sends hundreds of fields has seen enough of them. */
const MAX_NAMED = 20

/**
 * Refuses the fields of a body where a route takes none; where it takes one, the validation pipe refuses fields that it
 * does not know.
 */
@Injectable()
export class BodilessGuard implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    const { body, routeOptions } = context.switchToHttp().getRequest<FastifyRequest>()
    if (typeof body !== 'object' || body === null || routeOptions.config.streamBody || takesBody(context)) return true
    const names = Object.keys(body).slice(0, MAX_NAMED)
    if (names.length > 0) throw new ValidationError(names.map((path) => ({ path, message: 'is not a known field' })))
    return true
  }
}

const BODY_KEY = new RegExp(`^${RouteParamtypes.BODY}:\\d+$`)

/** Nest keeps the handler's parameters by `<RouteParamtypes>:<index>`. */
function takesBody(context: ExecutionContext): boolean {
  const args = Reflect.getMetadata(ROUTE_ARGS_METADATA, context.getClass(), context.getHandler().name) as object
  return Object.keys(args ?? {}).some((key) => BODY_KEY.test(key))
}
