import type { FastifyReply, FastifyRequest } from 'fastify'
import { NIL, v7 as uuidv7 } from 'uuid'
import { ValidationError } from '../common/errors/app-error.js'
import type { IdempotencyContext, PendingCharge } from '../common/idempotency-context.js'
import { hashOfSentKey, type SentKey } from './encrypted-response.js'
import type { Claim, ClaimOutcome } from './idempotency.repository.js'
import { fingerprintOf } from './request-fingerprint.js'

const KEY = /^[\x20-\x7e]{1,255}$/

/** The Idempotency-Key of a request with what it was sent for; ValidationError (400) when it is none. */
export function sentKeyOf(key: string, request: FastifyRequest): SentKey {
  if (!KEY.test(key)) {
    throw new ValidationError([{ path: 'Idempotency-Key', message: 'must be 1 to 255 printable ASCII characters' }])
  }
  return { principalId: request.principal!.userId ?? NIL, key, fingerprint: fingerprintOf(request) }
}

export function claimOf(sent: SentKey): Claim {
  return { principalId: sent.principalId, keyHash: hashOfSentKey(sent), id: uuidv7() }
}

/** A request on its way: the key that it has claimed, and what becomes final with its response. */
export class KeyedRequest implements IdempotencyContext {
  private readonly charges: PendingCharge[] = []
  private isOver: boolean

  constructor(
    readonly sent: SentKey,
    readonly claim: Claim,
    readonly outcome: ClaimOutcome,
    private readonly handling: {
      respond(keyed: KeyedRequest, reply: FastifyReply, handler: () => Promise<unknown>): Promise<unknown>
      free(claim: Claim): Promise<void>
    },
  ) {
    this.isOver = this.isRepetition
  }

  get isRepetition(): boolean {
    return this.outcome.outcome !== 'claimed'
  }

  get chargeIds(): string[] {
    return this.charges.map(({ chargeId }) => chargeId)
  }

  settleWithResponse(charge: PendingCharge): void {
    this.charges.push(charge)
  }

  respond(reply: FastifyReply, handler: () => Promise<unknown>): Promise<unknown> {
    return this.handling.respond(this, reply, handler)
  }

  /** The response is stored. */
  settled(): void {
    this.isOver = true
    for (const charge of this.charges) charge.settled()
  }

  async abandon(): Promise<void> {
    if (this.isOver) return
    this.isOver = true
    await Promise.all(this.charges.map((charge) => charge.release('the response could not be sent')))
    await this.handling.free(this.claim)
  }
}
