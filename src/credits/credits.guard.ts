import { Injectable, type CanActivate, type ExecutionContext, type Type } from '@nestjs/common'
import { ModuleRef } from '@nestjs/core'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { ClientDisconnect } from '../common/http/client-disconnect.js'
import { routeSettingsOf } from '../common/decorators/route-settings.decorator.js'
import { UnavailableError } from '../common/errors/app-error.js'
import { OutdatedQuoteError } from './credits.errors.js'
import { RequestCharges } from './request-charges.js'
import { RequestPricing } from './request-pricing.js'
import { replyOf, requestOf } from '../common/http/http-context.js'

/**
 * Takes the price of a @Charged() route from the account: 402 when it cannot pay. Runs last, so that no later guard refuses
 * a request that was charged.
 */
@Injectable()
export class CreditsGuard implements CanActivate {
  private readonly pricings = new Map<Type<RequestPricing>, RequestPricing>()

  constructor(
    private readonly charges: RequestCharges,
    private readonly modules: ModuleRef,
  ) {}

  canActivate(context: ExecutionContext): boolean | Promise<boolean> {
    const request = requestOf(context)
    const { charged: pricing } = routeSettingsOf(context.getHandler())
    if (!pricing || request.idempotency?.isRepetition) return true
    return this.charge(request, replyOf(context), pricing)
  }

  private async charge(request: FastifyRequest, reply: FastifyReply, pricing: Type<RequestPricing>): Promise<boolean> {
    const quoted = this.pricingOf(pricing).quote(request)
    const quote = quoted instanceof Promise ? await quoted : quoted
    try {
      if (new ClientDisconnect(reply).happened) throw new UnavailableError('The client has left.')
      request.charge = await this.charges.take(request, quote)
    } catch (error) {
      quote.cancel?.(error)
      if (error instanceof OutdatedQuoteError) return this.charge(request, reply, pricing)
      throw error
    }
    return true
  }

  private pricingOf(type: Type<RequestPricing>): RequestPricing {
    const known = this.pricings.get(type) ?? this.modules.get<RequestPricing>(type, { strict: false })
    this.pricings.set(type, known)
    return known
  }
}
