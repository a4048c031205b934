import { applyDecorators, UseInterceptors, type Type } from '@nestjs/common'
import { RouteSettings } from '../common/decorators/route-settings.decorator.js'
import { ChargeInterceptor } from './charge.interceptor.js'
import type { RequestPricing } from './request-pricing.js'

declare module 'fastify' {
  interface FastifyContextConfig {
    charged?: Type<RequestPricing>
  }
}

/** The route costs credits: CreditsGuard takes what `pricing` (a provider) quotes; the interceptor settles it or gives it back. */
export function Charged(pricing: Type<RequestPricing>): MethodDecorator {
  return applyDecorators(RouteSettings({ charged: pricing }), UseInterceptors(ChargeInterceptor))
}
