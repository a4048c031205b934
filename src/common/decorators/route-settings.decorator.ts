import { RouteConfig } from '@nestjs/platform-fastify'
import type { FastifyContextConfig } from 'fastify'

const { KEY } = RouteConfig({})

/** Adds to a route's `request.routeOptions.config`; RouteConfig alone would replace what another decorator put there. */
export function RouteSettings(settings: FastifyContextConfig): MethodDecorator {
  return (target, name, descriptor) => {
    const known = (Reflect.getMetadata(KEY, descriptor.value as object) ?? {}) as FastifyContextConfig
    RouteConfig({ ...known, ...settings })(target, name, descriptor)
  }
}
