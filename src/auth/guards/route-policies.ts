import { Injectable, RequestMethod, type OnModuleInit } from '@nestjs/common'
import { METHOD_METADATA } from '@nestjs/common/constants.js'
import { DiscoveryService, MetadataScanner } from '@nestjs/core'
import { routeSettingsOf } from '../../common/decorators/route-settings.decorator.js'

const READS: readonly RequestMethod[] = [RequestMethod.GET, RequestMethod.HEAD]

/** Stops the start at a route that does not say who may call it, and at an admin's action that nobody writes down. */
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
        if (method !== undefined) requirePolicy(`${(metatype as { name: string }).name}.${name}`, handler, method)
      }
    }
  }
}

function requirePolicy(route: string, handler: object, method: RequestMethod): void {
  const { access, audit } = routeSettingsOf(handler)
  if (!access) throw new Error(`${route} has no access policy: put @Access() on it`)
  if (access === 'admin' && !READS.includes(method) && !audit)
    throw new Error(`${route} is not audited: put @Audited() or @ChangesNothing() on it`)
}
