import { Injectable, Logger } from '@nestjs/common'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { setTimeout as sleep } from 'node:timers/promises'
import { UnavailableError } from '../common/errors/app-error.js'
import { ClientDisconnect } from '../common/http/client-disconnect.js'
import type { PendingCharge } from '../common/idempotency-context.js'
import { CreditsService } from './credits.service.js'
import { InsufficientCreditsError } from './credits.errors.js'
import { TopUpLinks } from './top-up-links.js'
import type { Quote } from './request-pricing.js'

const MAX_SETTLE_MS = 1_000

/** Why a charge was given back. */
export const CLIENT_LEFT = 'the client went away'
export const REQUEST_FAILED = 'the request failed'

/** What a request was charged, until it is settled or given back, whichever comes first and once. */
export interface RequestCharge {
  /** credits */
  readonly charged: number
  /** credits left after it; 0 for the root key, which has no account */
  readonly remaining: number
  /**
   * The request is answered: resolves when that is durable, or when it would hold the response up for too long. Where the
   * response is stored (Idempotency-Key) it becomes final with that.
   */
  settle(): Promise<void> | void
  /**
   * Gives the credits back; resolves when they are back. Also after it was settled: what was paid for failed later,
   * through no fault of the account.
   */
  refund(reason: string): Promise<void> | void
}

declare module 'fastify' {
  interface FastifyRequest {
    /** set by CreditsGuard on @Charged() routes */
    charge?: RequestCharge
  }
}

/** Of the root key, which has no account. */
const UNCHARGED: RequestCharge = { charged: 0, remaining: 0, settle: () => undefined, refund: () => undefined }

/** Takes what a request costs, and makes it final with its response. */
@Injectable()
export class RequestCharges {
  constructor(
    private readonly credits: CreditsService,
    private readonly topUps: TopUpLinks,
  ) {}

  /**
   * Throws InsufficientCreditsError and KeyCreditLimitError (402), and OutdatedQuoteError when the quote's condition does not hold. The root key
   * has no account and is charged nothing.
   */
  async take(request: FastifyRequest, { cost, reason, isFinal, condition }: Quote): Promise<RequestCharge> {
    const { userId, keyId, token } = request.principal!
    if (userId === null) return UNCHARGED
    // With a stored response the charge becomes final when that does, so it is reserved until then.
    const reserve = !isFinal || request.idempotency !== undefined
    const charge = {
      userId,
      keyId,
      limitId: token?.creditLimitId,
      cost,
      requestId: request.id,
      reason,
      reserve,
      condition,
    }
    const { chargeId, balance } = await this.credits.charge(charge).catch(async (error: unknown) => {
      throw token ? error : await this.withTopUpUrl(error, userId)
    })
    request.creditsCharged = cost
    return new OpenCharge(this.credits, request, chargeId, cost, balance)
  }

  /**
   * The response of a charged handler. Settles what CreditsGuard took when there is a result, and gives it back when the
   * work fails or the client has left by then: every way out but a response gives it back, once. Where the response is
   * stored under an Idempotency-Key it is settled with that. A call and no interceptor, which costs a cached query a sixth of
   * all that it takes (docs/decisions/0006-cached-queries.md).
   */
  respond<Result>(request: FastifyRequest, reply: FastifyReply, work: () => Result | Promise<Result>): Promise<Result> {
    const settled = (): Promise<Result> => settledWith(request.charge!, reply, work)
    return request.idempotency ? (request.idempotency.respond(reply, settled) as Promise<Result>) : settled()
  }

  /** The refusal says where credits can be bought; without that it is as good. */
  private async withTopUpUrl(error: unknown, userId: string): Promise<unknown> {
    if (!(error instanceof InsufficientCreditsError)) return error
    const url = await this.topUps.of(userId).catch(() => undefined)
    return url ? new InsufficientCreditsError(error.required, error.balance, url) : error
  }
}

async function settledWith<Result>(
  charge: RequestCharge,
  reply: FastifyReply,
  work: () => Result | Promise<Result>,
): Promise<Result> {
  const disconnect = new ClientDisconnect(reply)
  try {
    const result = await work()
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

class OpenCharge implements RequestCharge {
  private static readonly logger = new Logger('Credits')
  private state: 'open' | 'settled' | 'released'
  private settled?: Promise<void>

  constructor(
    private readonly credits: CreditsService,
    private readonly request: FastifyRequest,
    private readonly chargeId: string,
    readonly charged: number,
    readonly remaining: number,
  ) {
    this.state = charged === 0 ? 'released' : 'open'
  }

  settle(): Promise<void> | void {
    if (this.state !== 'open') return undefined
    this.state = 'settled'
    if (this.request.idempotency) return this.request.idempotency.settleWithResponse(this.pending())
    this.settled = this.credits.settle(this.chargeId)
    // Settling goes on behind the response when the database takes long.
    return this.settled && Promise.race([this.settled, sleep(MAX_SETTLE_MS, undefined, { ref: false })])
  }

  async refund(reason: string): Promise<void> {
    const { state } = this
    if (state === 'released') return
    this.state = 'released'
    if (state === 'open') return this.release(reason)
    await this.settled
    await this.givenBack(this.credits.refund(this.chargeId, this.request.principal!.userId!, reason))
  }

  private pending(): PendingCharge {
    return {
      chargeId: this.chargeId,
      settled: () => this.credits.settledElsewhere(this.chargeId),
      release: (reason) => this.release(reason),
    }
  }

  private release(reason: string): Promise<void> {
    return this.givenBack(this.credits.release(this.chargeId, reason))
  }

  private async givenBack(back: Promise<unknown>): Promise<void> {
    this.request.creditsCharged = 0
    // The client is to learn what went wrong with its request; the reconciler gives the credits back.
    await back.catch((error: Error) => {
      OpenCharge.logger.warn(`a charge is left to the reconciler: ${error.message}`)
    })
  }
}
