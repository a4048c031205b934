import { Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common'
import type { FastifyRequest } from 'fastify'
import { routeSettingsOf } from '../common/decorators/route-settings.decorator.js'
import { IdempotencyService } from './idempotency.service.js'
import { requestOf } from '../common/http/http-context.js'

/**
 * Claims the Idempotency-Key of a request to a route that charges, before the guards that count and charge it: a
 * repetition is neither counted as a query nor charged. Routes whose effect is one transaction claim it in there.
 */
@Injectable()
export class IdempotencyGuard implements CanActivate {
  constructor(private readonly idempotency: IdempotencyService) {}

  canActivate(context: ExecutionContext): boolean | Promise<boolean> {
    const request = requestOf(context)
    const key = request.headers['idempotency-key']
    if (key === undefined) return true
    const rule = routeSettingsOf(context.getHandler()).idempotency
    return !rule || rule.transaction ? true : this.claim(String(key), request)
  }

  private async claim(key: string, request: FastifyRequest): Promise<boolean> {
    request.idempotency = await this.idempotency.claim(key, request)
    return true
  }
}
