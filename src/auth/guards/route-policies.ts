import { Injectable, RequestMethod, type OnModuleInit } from '@nestjs/common'
import { METHOD_METADATA } from '@nestjs/common/constants.js'
import { RouteParamtypes } from '@nestjs/common/enums/route-paramtypes.enum.js'
import { DiscoveryService, MetadataScanner } from '@nestjs/core'
import { parametersOf } from '../../common/http/handler-parameters.js'
import { routeSettingsOf } from '../../common/decorators/route-settings.decorator.js'

const READS: readonly RequestMethod[] = [RequestMethod.GET, RequestMethod.HEAD]
/** What the validation pipe checks, behind the guards. */
const PIPED = [RouteParamtypes.BODY, RouteParamtypes.QUERY, RouteParamtypes.PARAM]

/**
 * Stops the start at a route that does not say who may call it, at an admin's action that nobody writes down, and at a
 * combination of decorators that would take credits or keep a key for nothing.
 */
@Injectable()
export class RoutePolicies implements OnModuleInit {
  constructor(
    private readonly discovery: DiscoveryService,
    private readonly scanner: MetadataScanner,
  ) {}

  onModuleInit(): void {
    for (const { metatype } of this.discovery.getControllers()) {
      const prototype = (metatype as { prototype: object }).prototype
      for (const name of this.scanner.getAllMethodNames(prototype)) {
        const handler = (prototype as Record<string, object>)[name]!
        const method = Reflect.getMetadata(METHOD_METADATA, handler) as RequestMethod | undefined
        if (method === undefined) continue
        const route = `${(metatype as { name: string }).name}.${name}`
        requirePolicy(route, handler, method)
        requireWholeCharge(route, handler, parametersOf(metatype!, name))
      }
    }
  }
}

function requirePolicy(route: string, handler: object, method: RequestMethod): void {
  const { access, audit } = routeSettingsOf(handler)
  if (!access) throw new Error(`${route} has no access policy: put @Access() on it`)
  if (access === 'admin' && !READS.includes(method) && !audit)
    throw new Error(`${route} is not audited: put @Audited() on it`)
}

function requireWholeCharge(route: string, handler: object, parameters: RouteParamtypes[]): void {
  const { charged, idempotency } = routeSettingsOf(handler)
  if (charged && parameters.some((parameter) => PIPED.includes(parameter)))
    throw new Error(`${route} would be charged before its DTO is checked: check the request in a guard`)
  if (idempotency && !idempotency.transaction && !charged)
    throw new Error(`${route} would never store its response: make it @Charged() or @Idempotent({ transaction: true })`)
}
