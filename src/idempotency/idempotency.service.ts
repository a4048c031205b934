import { Injectable, Logger } from '@nestjs/common'
import { Interval } from '@nestjs/schedule'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { NIL, v7 as uuidv7 } from 'uuid'
import type { PendingCharge } from '../common/answer-keeper.js'
import { UnavailableError, ValidationError } from '../common/app-error.js'
import { CreditsService } from '../credits/credits.service.js'
import { Database } from '../database/database.js'
import { RateLimitsService } from '../keys/rate-limits.service.js'
import { IdempotencyMismatchError, StillRunningError } from './idempotency.errors.js'
import { IdempotencyRepository, type Claim } from './idempotency.repository.js'
import { answerOf, answerOfRefusal, isKeptRefusal, replayed, type KeptAnswer } from './kept-answer.js'
import { fingerprintOf } from './request-fingerprint.js'
import { hashOfSentKey, seal, unseal, type SentKey } from './sealed-answer.js'

const KEY = /^[\x20-\x7e]{1,255}$/
const HOUR_MS = 3_600_000
const RETRY_MS = 5_000

type Handler = () => Promise<unknown>

/** One request on its way: the key that it holds, and what becomes final with its answer. */
interface Run {
  sent: SentKey
  claim: Claim
  charges: PendingCharge[]
}

/** The answer and, when it is given for the first time as a refusal, what to throw. */
interface Outcome {
  answer: KeptAnswer
  refusal?: Error
}

/**
 * Answers a request with an Idempotency-Key once and gives that answer again to its repetitions. The key is claimed in
 * PostgreSQL before the handler runs, and the answer is stored before it leaves.
 */
@Injectable()
export class IdempotencyService {
  private readonly logger = new Logger('Idempotency')
  /** keys that are to be free and could not be set free yet */
  private readonly unfreed = new Set<Claim>()

  constructor(
    private readonly keys: IdempotencyRepository,
    private readonly database: Database,
    private readonly credits: CreditsService,
    private readonly rateLimits: RateLimitsService,
  ) {}

  /** What to send: the handler's answer, or the stored one of the first request. */
  async answerOnce(key: string, request: FastifyRequest, reply: FastifyReply, handler: Handler): Promise<unknown> {
    const run = runOf(key, request)
    const transaction = request.routeOptions.config.idempotency!.transaction
    const outcome = transaction
      ? await this.inTransaction(run, request, reply, handler)
      : await this.onItsOwn(run, request, reply, handler)
    if ('stored' in outcome) return replayed(outcome.stored, reply)
    if (outcome.refusal) throw outcome.refusal
    return outcome.answer.body.length > 0 ? outcome.answer.body : undefined
  }

  /** Effect, answer and key are one commit: when the process dies nothing of it was, and the key is free. */
  private inTransaction(
    run: Run,
    request: FastifyRequest,
    reply: FastifyReply,
    handler: Handler,
  ): Promise<Outcome | { stored: KeptAnswer }> {
    return this.database.transaction(async () => {
      const stored = await this.claim(run, request, reply)
      if (stored) return { stored }
      // What a refused handler did is taken back, the stored refusal is not.
      const outcome = await outcomeOf(() => this.database.transaction(handler), request, reply)
      await this.keep(run, outcome.answer)
      return outcome
    })
  }

  /** The charge becomes final with the answer; until then a dead process leaves a key that others may take over. */
  private async onItsOwn(
    run: Run,
    request: FastifyRequest,
    reply: FastifyReply,
    handler: Handler,
  ): Promise<Outcome | { stored: KeptAnswer }> {
    const stored = await this.claim(run, request, reply)
    if (stored) return { stored }
    request.answerKeeper = { settleWithAnswer: (charge) => void run.charges.push(charge) }
    try {
      const outcome = await outcomeOf(handler, request, reply)
      await this.keep(run, outcome.answer)
      for (const charge of run.charges) charge.settled()
      return outcome
    } catch (error) {
      await this.abandon(run)
      throw error
    }
  }

  /** The stored answer, or undefined when this run has the key. */
  private async claim(run: Run, request: FastifyRequest, reply: FastifyReply): Promise<KeptAnswer | undefined> {
    const held = await this.keys.claim(run.claim, {
      fingerprint: run.sent.fingerprint,
      instanceId: this.credits.instanceId,
      requestId: request.id,
      transaction: request.routeOptions.config.idempotency!.transaction,
    })
    if (held.outcome === 'claimed') return undefined
    // It did not come past the limit of questions, and must not be a way around all limits.
    if (request.caller!.role === 'member') await this.rateLimits.consumeRead(request.caller!, reply)
    if (held.outcome === 'mismatch') throw new IdempotencyMismatchError()
    if (held.outcome === 'running') throw new StillRunningError()
    const { status, headers, body } = held
    return { status, headers, body: await unseal(body, run.sent) }
  }

  private async keep({ claim, sent, charges }: Run, answer: KeptAnswer): Promise<void> {
    const stored = { ...answer, body: await seal(answer.body, sent) }
    const kept = await this.keys.keep(
      claim,
      stored,
      charges.map(({ chargeId }) => chargeId),
    )
    if (!kept) throw new UnavailableError('The request was interrupted for too long; send it again.')
  }

  private async abandon({ claim, charges }: Run): Promise<void> {
    await Promise.all(charges.map((charge) => charge.release('the answer could not be given')))
    await this.keys.free(claim).catch(() => this.unfreed.add(claim))
  }

  @Interval(RETRY_MS)
  async freeAgain(): Promise<void> {
    for (const claim of [...this.unfreed]) {
      const freed = await this.keys.free(claim).then(
        () => true,
        () => false,
      )
      if (!freed) return
      this.unfreed.delete(claim)
    }
  }

  @Interval(HOUR_MS)
  async purge(): Promise<void> {
    try {
      while (await this.keys.purge());
    } catch (error) {
      this.logger.warn(`expired keys were not deleted: ${String(error)}`)
    }
  }
}

function runOf(key: string, request: FastifyRequest): Run {
  if (!KEY.test(key)) {
    throw new ValidationError([{ path: 'Idempotency-Key', message: 'must be 1 to 255 printable ASCII characters' }])
  }
  const fingerprint = fingerprintOf(request, request.routeOptions.config.idempotency!.varyOn)
  const sent = { callerId: request.caller!.userId ?? NIL, key, fingerprint }
  const claim = { callerId: sent.callerId, keyHash: hashOfSentKey(sent), id: uuidv7() }
  return { sent, claim, charges: [] }
}

async function outcomeOf(handler: Handler, request: FastifyRequest, reply: FastifyReply): Promise<Outcome> {
  try {
    return { answer: await answerOf(await handler(), reply) }
  } catch (error) {
    if (!isKeptRefusal(error)) throw error
    return { answer: answerOfRefusal(error, request.id), refusal: error }
  }
}
