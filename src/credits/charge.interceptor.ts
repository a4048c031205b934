import { Injectable, type CallHandler, type ExecutionContext, type NestInterceptor } from '@nestjs/common'
import type { FastifyReply } from 'fastify'
import { from, lastValueFrom, type Observable } from 'rxjs'
import { ClientDisconnect } from '../common/http/client-disconnect.js'
import { UnavailableError } from '../common/errors/app-error.js'
import { CLIENT_LEFT, REQUEST_FAILED, type RequestCharge } from './request-charges.js'
import { replyOf, requestOf } from '../common/http/http-context.js'

/**
 * Settles what CreditsGuard took when the handler has a result, and gives it back when the handler fails or the client
 * has left by then: every way out but a response gives it back, once. Where the response is stored under an
 * Idempotency-Key that happens in here as well: a second interceptor costs every query more than all guards.
 */
@Injectable()
export class ChargeInterceptor implements NestInterceptor {
  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const { charge, idempotency } = requestOf(context)
    const reply = replyOf(context)
    const charged = (): Promise<unknown> => this.charged(charge!, reply, next)
    return from(idempotency ? idempotency.respond(reply, charged) : charged())
  }

  private async charged(charge: RequestCharge, reply: FastifyReply, next: CallHandler): Promise<unknown> {
    const disconnect = new ClientDisconnect(reply)
    try {
      const result: unknown = await lastValueFrom(next.handle())
      if (disconnect.happened) throw new UnavailableError('The client has left.')
      // Before the response leaves: a crash in between must not have given it away for free.
      await charge.settle()
      void reply.headers({ 'x-credits-charged': charge.charged, 'x-credits-remaining': charge.remaining })
      return result
    } catch (error) {
      await charge.refund(disconnect.happened ? CLIENT_LEFT : REQUEST_FAILED)
      throw error
    }
  }
}
