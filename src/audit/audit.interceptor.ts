import { Injectable, type CallHandler, type ExecutionContext, type NestInterceptor } from '@nestjs/common'
import type { FastifyRequest } from 'fastify'
import { from, lastValueFrom, type Observable } from 'rxjs'
import { routeSettingsOf } from '../common/decorators/route-settings.decorator.js'
import { requestOf } from '../common/http/http-context.js'
import { Database } from '../infrastructure/database/database.js'
import { AuditTrail } from './audit-trail.service.js'
import type { AuditRule } from './audit-rule.js'

/** Runs the handler of an @Audited() route as the principal, in a transaction that ends with the entry. */
@Injectable()
export class AuditInterceptor implements NestInterceptor {
  constructor(
    private readonly trail: AuditTrail,
    private readonly database: Database,
  ) {}

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const request = requestOf(context)
    const rule = routeSettingsOf(context.getHandler()).audit as AuditRule<unknown>
    const act = (): Promise<unknown> => lastValueFrom(next.handle())
    const actAndRecord = (): Promise<unknown> => this.acted(act, rule, request)
    return from(
      this.trail.actingFor(request, () => {
        if (rule.written === 'by the service') return act()
        return rule.written === 'afterwards' ? actAndRecord() : this.database.transaction(actAndRecord)
      }),
    )
  }

  private async acted(
    act: () => Promise<unknown>,
    rule: AuditRule<unknown>,
    request: FastifyRequest,
  ): Promise<unknown> {
    const result = await act()
    await this.trail.record({
      action: rule.action,
      target: rule.target ? rule.target(request, result) : idOf(request),
      details: rule.details?.(request, result) ?? {},
    })
    return result
  }
}

function idOf({ params }: FastifyRequest): string | null {
  return (params as { id?: string }).id ?? null
}
