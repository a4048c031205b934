import { applyDecorators, UseFilters, UseInterceptors } from '@nestjs/common'
import { ApiHeader } from '@nestjs/swagger'
import { ApiProblems } from '../common/decorators/api-docs.decorator.js'
import { RouteSettings } from '../common/decorators/route-settings.decorator.js'
import { IdempotencyFilter } from './idempotency.filter.js'
import { IdempotencyInterceptor } from './idempotency.interceptor.js'

export interface IdempotencyRule {
  /**
   * True: the handler works in PostgreSQL alone and briefly, so it runs in one transaction with its stored response.
   * False, on @Charged() routes: it takes long or has other effects; what it charges becomes final together with its
   * stored response, which RequestCharges.respond sees to.
   */
  transaction: boolean
}

declare module 'fastify' {
  interface FastifyContextConfig {
    idempotency?: IdempotencyRule
  }
}

const DESCRIPTION =
  'Makes the request safe to send again: for 24 hours the same key with the same body gets the stored response, with ' +
  '`Idempotent-Replayed: true` and without a second effect. Use a random value such as a UUID, 1 to 255 printable ASCII ' +
  'characters. Another body, route or response format (`Accept`) with the key is refused with 422, and a request whose first one still runs with ' +
  '409. Successes, 404 and 409 are stored; other refusals (400, 402, 429) and failures (5xx) change nothing and leave the ' +
  'key free. With a key a response is not streamed and may not be larger than 1 MiB (400, free of charge).'

/**
 * Lets a route take `Idempotency-Key`. Put it below @Audited(): decorators are applied from below, and the first one is
 * the outer one, so that a stored response is not audited a second time.
 */
export function Idempotent(rule: IdempotencyRule): MethodDecorator {
  return applyDecorators(
    rule.transaction ? UseInterceptors(IdempotencyInterceptor) : UseFilters(IdempotencyFilter),
    RouteSettings({ idempotency: rule }),
    ApiHeader({
      name: 'Idempotency-Key',
      required: false,
      description: DESCRIPTION,
      schema: { type: 'string', minLength: 1, maxLength: 255, example: '6f1c1a52-6a0e-4f5c-9d1b-0c0c6f5f7e21' },
    }),
    ApiProblems('IDEMPOTENCY_MISMATCH', 'CONFLICT'),
  )
}
