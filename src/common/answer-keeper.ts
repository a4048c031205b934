/** A charge whose request is answered, and what to do when that has become final or could not. */
export interface PendingCharge {
  chargeId: string
  /** it was made final together with the answer */
  settled(): void
  /** the answer could not be stored, so it is not given: the credits go back */
  release(reason: string): Promise<void>
}

declare module 'fastify' {
  interface FastifyRequest {
    /** set while the answer will be stored (Idempotency-Key): hand it what must become final with the answer */
    answerKeeper?: { settleWithAnswer(charge: PendingCharge): void }
  }
}
