import { Injectable, type CallHandler, type ExecutionContext, type NestInterceptor } from '@nestjs/common'
import { from, lastValueFrom, type Observable } from 'rxjs'
import { replyOf, requestOf } from '../common/http/http-context.js'
import { IdempotencyService } from './idempotency.service.js'

/** Of requests whose effect is one transaction it handles those that carry an Idempotency-Key; the others pass untouched. */
@Injectable()
export class IdempotencyInterceptor implements NestInterceptor {
  constructor(private readonly idempotency: IdempotencyService) {}

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const request = requestOf(context)
    const key = request.headers['idempotency-key']
    if (key === undefined) return next.handle()
    const reply = replyOf(context)
    return from(this.idempotency.respondInTransaction(String(key), request, reply, () => lastValueFrom(next.handle())))
  }
}
