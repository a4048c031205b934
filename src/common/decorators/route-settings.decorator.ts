import { RouteConfig } from '@nestjs/platform-fastify'
import type { FastifyContextConfig } from 'fastify'

const { KEY } = RouteConfig({})

/** Adds to a route's `request.routeOptions.config`; RouteConfig alone would replace what another decorator put there. */
export function RouteSettings(settings: FastifyContextConfig): MethodDecorator {
  return (target, name, descriptor) => {
    const known = routeSettingsOf(descriptor.value as object)
    RouteConfig({ ...known, ...settings })(target, name, descriptor)
  }
}

/** What the decorators of a handler have set. */
export function routeSettingsOf(handler: object): Readonly<FastifyContextConfig> {
  return (Reflect.getMetadata(KEY, handler) ?? {}) as FastifyContextConfig
}
