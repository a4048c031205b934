import type { Type } from '@nestjs/common'
import { RouteSettings } from '../common/decorators/route-settings.decorator.js'
import type { RequestPricing } from './request-pricing.js'

declare module 'fastify' {
  interface FastifyContextConfig {
    charged?: Type<RequestPricing>
  }
}

/**
 * The route costs credits: CreditsGuard takes what `pricing` (a provider) quotes. The handler does its work within
 * RequestCharges.respond, which settles the charge or gives it back. It has no DTO: pipes run behind the guards, so a
 * guard checks the request before it is charged.
 */
export function Charged(pricing: Type<RequestPricing>): MethodDecorator {
  return RouteSettings({ charged: pricing })
}
