import type { FastifyReply } from 'fastify'

/** A charge whose request is answered, and what to do when it has become final or could not. */
export interface PendingCharge {
  chargeId: string
  /** it was made final together with the stored response */
  settled(): void
  /** the response could not be stored, so it is not sent: the credits go back */
  release(reason: string): Promise<void>
}

/** A request with an Idempotency-Key on a route that charges. */
export interface IdempotencyContext {
  /** a response that is stored already, or a refusal, answers the request: it runs no query and is charged nothing */
  readonly isRepetition: boolean
  /** The charge becomes final with the response, which will be stored. */
  settleWithResponse(charge: PendingCharge): void
  /** What the handler gives, once it is stored; of a repetition what is stored, and the handler is not called. */
  respond(reply: FastifyReply, handler: () => Promise<unknown>): Promise<unknown>
  /** The request failed, so that nothing is stored: the charges go back and the key is free. Never rejects. */
  abandon(): Promise<void>
}

declare module 'fastify' {
  interface FastifyRequest {
    idempotency?: IdempotencyContext
  }
}
