import type { NestFastifyApplication } from '@nestjs/platform-fastify'
import { QuickAnswers } from './quick-answers.js'

declare module 'fastify' {
  interface FastifyContextConfig {
    quickAnswers?: boolean
  }
}

/**
 * Puts QuickAnswers before the handler of routes with the setting `quickAnswers`: behind key, policy and body, and before
 * Nest's pipes and interceptors, which cost as much as everything else on the way of a cached answer. Call it before the
 * routes are registered.
 */
export function registerQuickAnswers(app: NestFastifyApplication): void {
  const fastify = app.getHttpAdapter().getInstance()
  const quickAnswers = app.get(QuickAnswers)
  fastify.decorateRequest('queryCounted', undefined)
  fastify.addHook('onRoute', (route) => {
    if (!route.config?.quickAnswers) return
    const others = route.preHandler ? [route.preHandler].flat() : []
    route.preHandler = [...others, (request, reply, done) => quickAnswers.give(request, reply, done)]
  })
}
