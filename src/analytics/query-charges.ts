import { Injectable, Logger } from '@nestjs/common'
import type { FastifyRequest } from 'fastify'
import { setTimeout as sleep } from 'node:timers/promises'
import type { PendingCharge } from '../common/answer-keeper.js'
import { AppError } from '../common/app-error.js'
import type { Caller } from '../common/caller.js'
import { Config } from '../config/config.js'
import { CreditsService } from '../credits/credits.service.js'
import type { Charge } from '../credits/credits.types.js'

const MAX_SETTLE_MS = 1_000

/** What a question has cost until it is settled or released, whichever comes first and once. */
export interface QueryCharge {
  charged: number
  /** credits left after it; 0 for the root key, which has no account */
  remaining: number
  /**
   * The question is answered: resolves when that is durable, or when it would hold the answer up for too long. Where the
   * answer is stored (Idempotency-Key) it becomes final with that.
   */
  settle(): Promise<void>
  /** the question failed: gives the credits back; resolves when they are back */
  release(reason: string): Promise<void>
}

/** Takes QUERY_COST_CREDITS for a question. */
@Injectable()
export class QueryCharges {
  private readonly logger = new Logger('Queries')

  constructor(
    private readonly credits: CreditsService,
    private readonly config: Config,
  ) {}

  /**
   * Throws InsufficientCreditsError (402), also for the root key: it has no account to pay from. `inHand`: the answer is
   * there already, so nothing is reserved while it is made.
   */
  async take(caller: Caller, request: FastifyRequest, { inHand }: { inHand: boolean }): Promise<QueryCharge> {
    const cost = this.config.queryCostCredits
    if (caller.userId === null) return this.takeFromNobody(cost)
    const { chargeId, balance } = await this.credits.charge({
      userId: caller.userId,
      cost,
      requestId: request.id,
      reason: 'query',
      // With a stored answer the charge becomes final when that does, so it is reserved until then.
      reserve: !inHand || request.answerKeeper !== undefined,
    })
    request.creditsCharged = cost
    return this.chargeOf(chargeId, cost, balance, request)
  }

  /** As take, of somebody with an account, for an answer that is in hand, without promises. */
  takeInHand(request: FastifyRequest, done: (charge: Charge) => void, failed: (error: unknown) => void): void {
    const cost = this.config.queryCostCredits
    const charged = (charge: Charge): void => {
      request.creditsCharged = cost
      done(charge)
    }
    const { id, caller } = request
    this.credits.take(
      { userId: caller!.userId!, cost, requestId: id, reason: 'query', reserve: false },
      charged,
      failed,
    )
  }

  settleInHand(chargeId: string): void {
    void this.credits.settle(chargeId)
  }

  private takeFromNobody(cost: number): QueryCharge {
    if (cost > 0) {
      throw new AppError(
        'INSUFFICIENT_CREDITS',
        'The root key has no account to pay from: create a user with POST /v1/admin/create-user and ask with his key.',
        { extra: { required: cost, balance: 0 } },
      )
    }
    return { charged: 0, remaining: 0, settle: async () => undefined, release: async () => undefined }
  }

  private chargeOf(chargeId: string, charged: number, remaining: number, request: FastifyRequest): QueryCharge {
    let ended = charged === 0
    return {
      charged,
      remaining,
      settle: async () => {
        if (ended) return
        ended = true
        if (request.answerKeeper) return request.answerKeeper.settleWithAnswer(this.pending(chargeId, request))
        await this.settle(chargeId)
      },
      release: async (reason) => {
        if (ended) return
        ended = true
        await this.giveBack(chargeId, reason, request)
      },
    }
  }

  private pending(chargeId: string, request: FastifyRequest): PendingCharge {
    return {
      chargeId,
      settled: () => this.credits.settledElsewhere(chargeId),
      release: (reason) => this.giveBack(chargeId, reason, request),
    }
  }

  /** Takes a charge back; never rejects. */
  async giveBack(chargeId: string, reason: string, request: FastifyRequest): Promise<void> {
    request.creditsCharged = 0
    await this.credits.release(chargeId, reason).catch((error: Error) => {
      // The caller is to learn what went wrong with his question; the reconciler gives the credits back.
      this.logger.warn(`a charge is left to the reconciler: ${error.message}`)
    })
  }

  /** Settling goes on behind the answer when the database takes long. */
  private async settle(chargeId: string): Promise<void> {
    const settled = this.credits.settle(chargeId)
    if (settled) await Promise.race([settled, sleep(MAX_SETTLE_MS, undefined, { ref: false })])
  }
}
