import { Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common'
import { ROUTE_ARGS_METADATA } from '@nestjs/common/constants.js'
import { RouteParamtypes } from '@nestjs/common/enums/route-paramtypes.enum.js'
import type { FastifyRequest } from 'fastify'
import { ValidationError, type FieldError } from './app-error.js'

/**
 * Refuses fields and query parameters where a route takes none at all; where it takes some, the validation pipe refuses
 * those that it does not know. What a caller sends is heeded or refused, never overlooked. Health checks and scrapers, who
 * add what they like, are let in.
 */
@Injectable()
export class KnownInputGuard implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    const { query, body, routeOptions } = context.switchToHttp().getRequest<FastifyRequest>()
    const { access, streamBody, ticket } = routeOptions.config
    if (access === undefined || access === 'public' || access === 'metrics') return true
    const taken = inputsOf(context)
    const errors: FieldError[] = []
    if (!taken.has(RouteParamtypes.QUERY)) errors.push(...unknown(query, ticket ? 'ticket' : undefined))
    if (!taken.has(RouteParamtypes.BODY) && !streamBody) errors.push(...unknown(body))
    if (errors.length > 0) throw new ValidationError(errors)
    return true
  }
}

/** Which parts of a request the handler has parameters for: `<RouteParamtypes>:<index>`, and random names of custom ones. */
function inputsOf(context: ExecutionContext): Set<number> {
  const args = Reflect.getMetadata(ROUTE_ARGS_METADATA, context.getClass(), context.getHandler().name) as object
  const own = Object.keys(args ?? {}).filter((key) => /^\d+:\d+$/.test(key))
  return new Set(own.map((key) => Number.parseInt(key, 10)))
}

function unknown(input: unknown, except?: string): FieldError[] {
  if (typeof input !== 'object' || input === null) return []
  const names = Object.keys(input).filter((name) => name !== except)
  return names.slice(0, MAX_NAMED).map((path) => ({ path, message: 'is not a known field' }))
}

/** Who sends hundreds of them has seen enough. */
const MAX_NAMED = 20
