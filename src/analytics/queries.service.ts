import { Injectable, Logger } from '@nestjs/common'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Readable } from 'node:stream'
import type { Caller } from '../common/caller.js'
import { newId } from '../common/new-id.js'
import { Config } from '../config/config.js'
import { RateLimitsService } from '../keys/rate-limits.service.js'
import { QueryAbortedError } from '../warehouse/warehouse.errors.js'
import { AnswerCache, type CachedAnswer } from './answer-cache.js'
import type { AnswerFormat } from './answer-formats.js'
import { wantsFresh } from './cache-control.js'
import { compile, type CompiledQuestion } from './compiler.js'
import { CompiledQuestions } from './compiled-questions.js'
import { Departure } from './departure.js'
import { QueryCharges, type QueryCharge } from './query-charges.js'
import { QueryEngine } from './query-engine.js'
import { readQuestion } from './question-reader.js'
import { ReadyAnswers } from './ready-answers.js'
import type { DryRunAnswer, QueryExplanation } from './query.dto.js'

/** Who asks, and the connection that he asks on. */
export interface Asking {
  caller: Caller
  request: FastifyRequest
  reply: FastifyReply
}

/** Why a charge was given back. */
const LEFT = 'the client went away'
const FAILED = 'the question failed'

/**
 * Paid questions. The order of refusals: what is wrong with the question (400), too many of them (429), no credits (402).
 * After the charge every way out but an answer gives it back.
 */
@Injectable()
export class QueriesService {
  private readonly logger = new Logger('Queries')
  private readonly questions = new CompiledQuestions()

  constructor(
    private readonly rateLimits: RateLimitsService,
    private readonly charges: QueryCharges,
    private readonly answers: AnswerCache,
    private readonly ready: ReadyAnswers,
    private readonly engine: QueryEngine,
    private readonly config: Config,
  ) {}

  /** The whole answer as JSON. */
  async ask(body: unknown, asking: Asking): Promise<Buffer> {
    const startedAt = performance.now()
    const question = this.questions.of(body)
    if (!asking.request.queryCounted) await this.rateLimits.consumeQuery(asking.caller, asking.reply)
    const fresh = wantsFresh(asking.request.headers['cache-control'])
    const { key, version, answer: known } = await this.answers.find(question, fresh)
    const id = newId()
    return this.paid(asking, { inHand: known !== undefined }, async (charge, departure) => {
      const answer = known ?? (await this.answers.fill(question, key, departure.signal, id, fresh))
      if (departure.happened) throw new QueryAbortedError()
      // Before the answer leaves: a crash in between must not have given it away for free.
      await charge.settle()
      const kept = { ...answer, cachedAt: answer.cachedAt ?? Date.now() }
      this.ready.keep(body, question, version, ({ id, elapsedMs, ...paid }) =>
        assemble(question, kept, paid, { id, elapsedMs }),
      )
      return assemble(question, answer, charge, { id, elapsedMs: performance.now() - startedAt })
    })
  }

  /** The answer in another format, streamed. It is paid when it has left whole. */
  async export(body: unknown, format: AnswerFormat, asking: Asking): Promise<Readable> {
    const question = compile(readQuestion(body, { unlimited: true }))
    await this.rateLimits.consumeQuery(asking.caller, asking.reply)
    return this.paid(asking, { inHand: false }, async (charge, { signal }) => {
      const stream = await this.engine.export(question, format.engineFormat!, signal, newId())
      // An answer that is to be stored is collected whole before it leaves.
      if (asking.request.answerKeeper) await charge.settle()
      else asking.reply.raw.once('finish', () => void charge.settle())
      // Part of the answer has left: the connection breaks, so that it is seen not to be whole.
      stream.once('error', (error) => {
        if (signal.aborted) return
        this.logger.error(
          `${asking.request.id} an export failed: ${(error.cause instanceof Error ? error.cause : error).message}`,
        )
        void charge.release(FAILED)
      })
      signal.addEventListener('abort', () => {
        stream.destroy()
        void charge.release(LEFT)
      })
      if (signal.aborted) throw new QueryAbortedError()
      return stream
    })
  }

  /** What a question would be as SQL and would cost; free. */
  async dryRun(body: unknown): Promise<DryRunAnswer> {
    const question = this.questions.of(body)
    return {
      sql: question.sql,
      params: question.params,
      costCredits: this.config.queryCostCredits,
      estimatedRows: await this.engine.estimateRows(question),
    }
  }

  private async paid<T>(
    { caller, request, reply }: Asking,
    { inHand }: { inHand: boolean },
    work: (charge: QueryCharge, departure: Departure) => Promise<T>,
  ): Promise<T> {
    const departure = new Departure(reply)
    if (departure.happened) throw new QueryAbortedError()
    const charge = await this.charges.take(caller, request, { inHand })
    try {
      const result = await work(charge, departure)
      void reply.headers({ 'x-credits-charged': charge.charged, 'x-credits-remaining': charge.remaining })
      return result
    } catch (error) {
      await charge.release(departure.happened ? LEFT : FAILED)
      throw error
    }
  }
}

/** The engine's bytes with everything else around them. */
function assemble(
  question: CompiledQuestion,
  answer: CachedAnswer,
  { charged, remaining }: Pick<QueryCharge, 'charged' | 'remaining'>,
  { id, elapsedMs }: { id: string; elapsedMs: number },
): Buffer {
  const { dataset, columns, limit, offset } = question
  const { data, returned, total, cachedAt } = answer
  const cached = cachedAt !== undefined
  const facts = {
    id,
    dataset: dataset.name,
    cached,
    elapsedMs: Math.round(elapsedMs * 1000) / 1000,
    rowsRead: cached ? 0 : answer.rowsRead,
  }
  const rest = JSON.stringify({
    columns,
    page: { limit, offset, returned, total },
    query: question.explain ? { ...facts, explain: explanation(question, answer) } : facts,
    credits: { charged, remaining },
  })
  return Buffer.concat([Buffer.from('{"data":'), data, Buffer.from(`,${rest.slice(1)}`)])
}

/** How the answer came about, also when that was for somebody else before. */
function explanation({ sql, params }: CompiledQuestion, { rowsRead, cachedAt }: CachedAnswer): QueryExplanation {
  // Clocks of two instances may differ by a little.
  return { sql, params, rowsRead, cacheAgeMs: cachedAt === undefined ? null : Math.max(0, Date.now() - cachedAt) }
}
