import type { FastifyRequest } from 'fastify'
import type { ChargeCondition } from './credits.types.js'

/** What a request costs. */
export interface Quote {
  /** whole credits */
  cost: number
  /** as the ledger tells it */
  reason: string
  /**
   * The result is there already: nothing but a client that has left can go wrong with it, so that the charge needs no
   * reservation while the work is done.
   */
  isFinal: boolean
  /** The quote holds only as long as this does: else it is canceled with OutdatedQuoteError and asked for again. */
  condition?: ChargeCondition
  /** The request is refused after all: gives back what was set aside for it. */
  cancel?(error: unknown): void
}

/**
 * Says what a request of a @Charged() route costs. It may look for the result, and set aside what the work will need; what
 * it throws refuses the request before anything is charged.
 */
export abstract class RequestPricing {
  abstract quote(request: FastifyRequest): Quote | Promise<Quote>
}
