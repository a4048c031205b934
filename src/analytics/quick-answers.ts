import { Injectable } from '@nestjs/common'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { Config } from '../config/config.js'
import type { Charge } from '../credits/credits.types.js'
import type { VersionsByName } from '../datasets/dataset-versions.js'
import { headersOf, RateLimitsService, refusalOf, type Allowed } from '../keys/rate-limits.service.js'
import { filled } from './answer-template.js'
import { Departure } from './departure.js'
import { QueryCharges } from './query-charges.js'
import { MAX_KEY_LENGTH } from './compiled-questions.js'
import { ReadyAnswers, type ReadyAnswer } from './ready-answers.js'

/** Leaves a question to its handler, or ends it with a refusal. */
type Next = (error?: Error) => void

interface Giving {
  request: FastifyRequest
  reply: FastifyReply
  next: Next
  answer: ReadyAnswer
  allowed: Allowed | undefined
  startedAt: number
}

/**
 * The short way of a question whose answer is ready: counted, charged, written, with callbacks in place of promises. Rules
 * and order of refusals are those of QueriesService, which takes every other question. The charge tells the dataset's
 * version as it stood when the charge was made, so after the question came: an answer of another version is not given.
 */
@Injectable()
export class QuickAnswers {
  private readonly isOn: boolean

  constructor(
    private readonly ready: ReadyAnswers,
    private readonly rateLimits: RateLimitsService,
    private readonly charges: QueryCharges,
    config: Config,
  ) {
    this.isOn = config.queryCostCredits > 0
  }

  give(request: FastifyRequest, reply: FastifyReply, next: Next): void {
    const startedAt = performance.now()
    const answer = this.isOn && isOrdinary(request) ? this.ready.find(request.body) : undefined
    if (!answer) return next()
    const counted = this.rateLimits.countQuery(request.caller!)
    const goOn = (allowed: Allowed | undefined): void =>
      this.charge({ request, reply, next, answer, allowed, startedAt })
    if (counted instanceof Promise) counted.then(goOn, next)
    else goOn(counted)
  }

  private charge(giving: Giving): void {
    const { request, reply, next, allowed } = giving
    const refuse = (error: unknown): void => {
      if (allowed) void reply.headers(headersOf(allowed))
      next(error as Error)
    }
    if (allowed && allowed.left < 0) return refuse(refusalOf(allowed))
    this.charges.takeInHand(request, (charge) => this.send(giving, charge), refuse)
  }

  private send(giving: Giving, { chargeId, balance, alongside }: Charge): void {
    const { request, reply, answer, startedAt } = giving
    if (((alongside as VersionsByName)?.[answer.dataset] ?? 0) !== answer.version)
      return this.askAgain(giving, chargeId)
    void reply.hijack()
    if (new Departure(reply).happened) return void this.charges.giveBack(chargeId, 'the client went away', request)
    this.charges.settleInHand(chargeId)
    const text = filled(answer.template, {
      id: request.id,
      elapsedMs: performance.now() - startedAt,
      remaining: balance,
    })
    reply.raw.writeHead(200, this.headers(giving, balance, text.length))
    reply.raw.end(text, 'latin1')
  }

  private headers({ request, reply, allowed }: Giving, balance: number, length: number): string[] {
    const headers = ['content-type', 'application/json; charset=utf-8', 'content-length', String(length)]
    const known = reply.getHeaders()
    for (const name in known) headers.push(name, String(known[name]))
    headers.push('x-credits-charged', String(request.creditsCharged), 'x-credits-remaining', String(balance))
    if (allowed) {
      headers.push('ratelimit-limit', String(allowed.limit), 'ratelimit-remaining', String(allowed.left))
      headers.push('ratelimit-reset', String(allowed.resetSeconds))
    }
    return headers
  }

  /** The dataset has changed: the handler asks the engine. The question is counted already. */
  private askAgain({ request, reply, next, allowed, answer }: Giving, chargeId: string): void {
    this.ready.forget(answer)
    request.queryCounted = true
    if (allowed) void reply.headers(headersOf(allowed))
    void this.charges.giveBack(chargeId, 'the dataset has changed', request).then(() => next())
  }
}

/** Is short, wants the whole answer as JSON, as it is in the cache, and has an account to pay from. */
function isOrdinary({ headers, caller }: FastifyRequest): boolean {
  const { accept } = headers
  return (
    typeof caller?.userId === 'string' &&
    // A length that is given and small: what is nested endlessly must not be turned into text.
    Number(headers['content-length']) <= MAX_KEY_LENGTH &&
    (accept === undefined || accept === '*/*' || accept === 'application/json') &&
    headers['idempotency-key'] === undefined &&
    headers['cache-control'] === undefined
  )
}

declare module 'fastify' {
  interface FastifyRequest {
    /** the rate limit has counted this question */
    queryCounted?: boolean
  }
}
