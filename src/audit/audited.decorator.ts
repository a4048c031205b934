import { applyDecorators, UseInterceptors } from '@nestjs/common'
import type { FastifyRequest } from 'fastify'
import { RouteSettings } from '../common/decorators/route-settings.decorator.js'
import type { AuditRule } from './audit-rule.js'
import { AuditInterceptor } from './audit.interceptor.js'

declare module 'fastify' {
  interface FastifyContextConfig {
    audit?: AuditRule<never>
  }
}

/**
 * Writes the action into the audit trail, in one transaction with what the handler does to PostgreSQL. A handler that
 * fails leaves no entry. An admin route that is not a GET and has none stops the start.
 */
export function Audited<Result>(rule: AuditRule<Result>): MethodDecorator {
  return applyDecorators(RouteSettings({ audit: rule }), UseInterceptors(AuditInterceptor))
}

/** The id in a result, which may be JSON text already. */
export function idOfResult(_request: FastifyRequest, result: { id: string | null } | string): string | null {
  return typeof result === 'string' ? (JSON.parse(result) as { id: string }).id : result.id
}

/** The names of the fields that a body gives; for personal data, whose values are not kept here. */
export function givenFields({ body }: FastifyRequest): string[] {
  return Object.entries(body ?? {})
    .filter(([, value]) => value !== undefined)
    .map(([name]) => name)
}
