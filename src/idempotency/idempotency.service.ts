import { Injectable, Logger } from '@nestjs/common'
import { Interval } from '@nestjs/schedule'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { UnavailableError } from '../common/errors/app-error.js'
import { InstanceId } from '../common/instance-id.js'
import { Database } from '../infrastructure/database/database.js'
import { decryptResponse, encryptResponse } from './encrypted-response.js'
import { IdempotencyMismatchError, StillRunningError } from './idempotency.errors.js'
import { IdempotencyRepository, type Claim, type ClaimOutcome } from './idempotency.repository.js'
import { KeyedRequest, sentKeyOf, claimOf } from './keyed-request.js'
import { isStoredRefusal, replay, responseOf, responseOfRefusal, type StoredResponse } from './stored-response.js'

const HOUR_MS = 3_600_000
const RETRY_MS = 5_000

type Handler = () => Promise<unknown>

/** The response and, when it is sent for the first time as a refusal, what to throw. */
interface Outcome {
  response: StoredResponse
  refusal?: Error
}

/**
 * Answers a request with an Idempotency-Key once and gives that response again to its repetitions. The key is claimed in
 * PostgreSQL before the handler runs, and the response is stored before it leaves.
 */
@Injectable()
export class IdempotencyService {
  private readonly logger = new Logger('Idempotency')
  /** keys that are to be free and could not be set free yet */
  private readonly unfreed = new Set<Claim>()

  constructor(
    private readonly keys: IdempotencyRepository,
    private readonly database: Database,
    private readonly instance: InstanceId,
  ) {}

  /** Claims the key for a request whose effect is not one transaction. */
  async claim(key: string, request: FastifyRequest): Promise<KeyedRequest> {
    const sent = sentKeyOf(key, request)
    const claim = claimOf(sent)
    const outcome = await this.claimed(claim, sent.fingerprint, request, false)
    return new KeyedRequest(sent, claim, outcome, {
      respond: (keyed, reply, handler) => this.respond(keyed, request, reply, handler),
      free: (freed) => this.free(freed),
    })
  }

  /**
   * The response to a request that has claimed its key, or the stored one. The charge becomes final with the response;
   * until then a dead process leaves a key that others may take over.
   */
  private async respond(
    keyed: KeyedRequest,
    request: FastifyRequest,
    reply: FastifyReply,
    handler: Handler,
  ): Promise<unknown> {
    if (keyed.isRepetition) return replay(await this.stored(keyed.outcome, keyed), reply)
    const outcome = await outcomeOf(handler, request, reply)
    await this.store(keyed, outcome.response, keyed.chargeIds)
    keyed.settled()
    return resultOf(outcome)
  }

  /** Effect, response and key are one commit: when the process dies nothing of it was, and the key is free. */
  async respondInTransaction(
    key: string,
    request: FastifyRequest,
    reply: FastifyReply,
    handler: Handler,
  ): Promise<unknown> {
    const sent = sentKeyOf(key, request)
    const claim = claimOf(sent)
    const outcome = await this.database.transaction(async () => {
      const claimed = await this.claimed(claim, sent.fingerprint, request, true)
      if (claimed.outcome !== 'claimed') return { stored: await this.stored(claimed, { sent }) }
      // What a refused handler did is taken back, the stored refusal is not.
      const done = await outcomeOf(() => this.database.transaction(handler), request, reply)
      await this.store({ sent, claim }, done.response, [])
      return done
    })
    return 'stored' in outcome ? replay(outcome.stored, reply) : resultOf(outcome)
  }

  private claimed(
    claim: Claim,
    fingerprint: Buffer,
    { id: requestId }: FastifyRequest,
    transaction: boolean,
  ): Promise<ClaimOutcome> {
    return this.keys.claim(claim, { fingerprint, instanceId: this.instance.uuid, requestId, transaction })
  }

  private async stored(outcome: ClaimOutcome, { sent }: Pick<KeyedRequest, 'sent'>): Promise<StoredResponse> {
    if (outcome.outcome === 'mismatch') throw new IdempotencyMismatchError()
    if (outcome.outcome !== 'completed') throw new StillRunningError()
    const { status, headers, body } = outcome
    return { status, headers, body: await decryptResponse(body, sent) }
  }

  private async store(
    { claim, sent }: Pick<KeyedRequest, 'claim' | 'sent'>,
    response: StoredResponse,
    chargeIds: string[],
  ): Promise<void> {
    const encrypted = { ...response, body: await encryptResponse(response.body, sent) }
    const stored = await this.keys.store(claim, encrypted, chargeIds)
    if (!stored) throw new UnavailableError('The request was interrupted for too long; send it again.')
  }

  private async free(claim: Claim): Promise<void> {
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

async function outcomeOf(handler: Handler, request: FastifyRequest, reply: FastifyReply): Promise<Outcome> {
  try {
    return { response: await responseOf(await handler(), reply) }
  } catch (error) {
    if (!isStoredRefusal(error)) throw error
    return { response: responseOfRefusal(error, request.id), refusal: error }
  }
}

function resultOf({ response, refusal }: Outcome): Buffer | undefined {
  if (refusal) throw refusal
  return response.body.length > 0 ? response.body : undefined
}
