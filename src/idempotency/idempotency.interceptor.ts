import { Injectable, type CallHandler, type ExecutionContext, type NestInterceptor } from '@nestjs/common'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { from, lastValueFrom, type Observable } from 'rxjs'
import { IdempotencyService } from './idempotency.service.js'

/** Of requests to @Idempotent() routes it handles those that carry a key; the others pass untouched. */
@Injectable()
export class IdempotencyInterceptor implements NestInterceptor {
  constructor(private readonly idempotency: IdempotencyService) {}

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const http = context.switchToHttp()
    const request = http.getRequest<FastifyRequest>()
    const key = request.headers['idempotency-key']
    if (key === undefined) return next.handle()
    const reply = http.getResponse<FastifyReply>()
    return from(this.idempotency.answerOnce(String(key), request, reply, () => lastValueFrom(next.handle())))
  }
}
