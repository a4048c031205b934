import { Injectable, Logger } from '@nestjs/common'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Readable } from 'node:stream'
import { ClientDisconnect } from '../common/http/client-disconnect.js'
import { CLIENT_LEFT, REQUEST_FAILED } from '../credits/request-charges.js'
import { QueryAbortedError, ReaderStalledError } from '../infrastructure/clickhouse/clickhouse.errors.js'
import { CompiledQueries } from './compiler/compiled-queries.js'
import type { CompiledQuery } from './compiler/compiler.js'
import { QueryExecutor } from './execution/query-executor.js'
import type { QueryExecution } from './execution/query-execution.js'
import { QueryCosts } from './query-costs.js'
import { QueryResultCache, type CachedResult } from './execution/query-result-cache.js'
import { filled, type ResponseFacts } from './execution/response-template.js'
import { RunningQueries } from './execution/running-queries.js'
import { AccessibleDatasets } from '../datasets/access/accessible-datasets.js'
import type { CompiledStatement, DryRunResponse, QueryExplanation } from './query.dto.js'

/**
 * Executes queries that the guards have compiled, counted and charged. Whatever this throws gives the credits back; of an
 * export, its first byte is a response.
 */
@Injectable()
export class QueriesService {
  private readonly logger = new Logger('Queries')

  constructor(
    private readonly cache: QueryResultCache,
    private readonly executor: QueryExecutor,
    private readonly running: RunningQueries,
    private readonly compiled: CompiledQueries,
    private readonly costs: QueryCosts,
    private readonly datasets: AccessibleDatasets,
  ) {}

  /** The whole result as JSON: at once when it is cached. */
  execute(request: FastifyRequest, reply: FastifyReply): string | Buffer | Promise<Buffer> {
    const execution = request.queryExecution!
    const { prepared, result } = execution.lookup!
    if (prepared) return filled(prepared, factsOf(request, execution))
    if (result) return this.respond(request, execution, result)
    return this.executeUncached(request, reply, execution)
  }

  /**
   * The result in another format, streamed. It is paid before its first byte leaves; from then on only a failure of ours
   * gives the credits back.
   */
  async export(request: FastifyRequest, reply: FastifyReply): Promise<Readable> {
    const { query, format, running } = request.queryExecution!
    const disconnect = new ClientDisconnect(reply)
    try {
      const stream = await this.executor.export(query, format.clickhouseFormat!, disconnect.signal, request.id)
      this.watchExport(stream, disconnect.signal, request, reply)
      await request.charge!.settle()
      if (disconnect.happened) throw new QueryAbortedError()
      if (stream.errored) throw stream.errored
      return stream
    } catch (error) {
      running!.fail(error)
      throw error
    }
  }

  /** The SQL of a query, where the caller may see it, and what it would cost an account; free. */
  async dryRun({ body, principal }: FastifyRequest): Promise<DryRunResponse> {
    const query = this.compiled.of(body, this.datasets.of(principal!.access))
    const estimatedRows = await this.running.run(principal!, undefined, () => this.executor.estimateRows(query))
    return { ...statementOf(query), costCredits: await this.costs.of(query), estimatedRows }
  }

  private async executeUncached(
    request: FastifyRequest,
    reply: FastifyReply,
    execution: QueryExecution,
  ): Promise<Buffer> {
    const { query, lookup, isFresh } = execution
    const running = execution.running!
    try {
      const { signal } = new ClientDisconnect(reply)
      const result = await this.cache.fill(query, lookup!.key, signal, request.id, isFresh)
      running.succeed()
      return this.respond(request, execution, result)
    } catch (error) {
      running.fail(error)
      throw error
    }
  }

  private respond(request: FastifyRequest, execution: QueryExecution, result: CachedResult): Buffer {
    const { query, lookup } = execution
    const cachedResult = { ...result, cachedAt: result.cachedAt ?? Date.now() }
    this.cache.prepare(query, lookup!, (facts) => assemble(query, cachedResult, facts))
    return assemble(query, result, factsOf(request, execution))
  }

  private watchExport(stream: Readable, signal: AbortSignal, request: FastifyRequest, reply: FastifyReply): void {
    const running = request.queryExecution!.running!
    const charge = request.charge!
    stream.once('close', () => running.succeed())
    // Part of the result has left: the connection breaks, so that it is seen not to be whole.
    stream.once('error', (error) => {
      if (signal.aborted) return
      running.fail(error)
      this.logger.error(
        `${request.id} an export failed: ${(error.cause instanceof Error ? error.cause : error).message}`,
      )
      if (!(error instanceof ReaderStalledError)) void charge.refund(REQUEST_FAILED)
    })
    signal.addEventListener('abort', () => {
      if (!reply.raw.headersSent) {
        running.fail(new QueryAbortedError())
        void charge.refund(CLIENT_LEFT)
      }
      stream.destroy()
    })
  }
}

function factsOf({ id, charge }: FastifyRequest, { startedAt }: QueryExecution): ResponseFacts {
  const { charged, remaining } = charge!
  return { id, elapsedMs: performance.now() - startedAt, charged, remaining }
}

/** ClickHouse's bytes with everything else around them. */
function assemble(
  query: CompiledQuery,
  result: CachedResult,
  { id, elapsedMs, charged, remaining }: ResponseFacts,
): Buffer {
  const { dataset, columns, limit, offset } = query
  const { data, returned, total, cachedAt } = result
  const cached = cachedAt !== undefined
  const facts = {
    id,
    dataset: dataset.name,
    cached,
    elapsedMs: Math.round(elapsedMs * 1000) / 1000,
    rowsRead: cached ? 0 : result.rowsRead,
  }
  const rest = JSON.stringify({
    columns,
    page: { limit, offset, returned, total },
    query: query.explain ? { ...facts, explain: explanation(query, result) } : facts,
    credits: { charged, remaining },
  })
  return Buffer.concat([Buffer.from('{"data":'), data, Buffer.from(`,${rest.slice(1)}`)])
}

/** How the result was made, also when it was made for another request. */
function explanation(query: CompiledQuery, { rowsRead, cachedAt }: CachedResult): QueryExplanation {
  // Clocks of two instances may differ by a little.
  const cacheAgeMs = cachedAt === undefined ? null : Math.max(0, Date.now() - cachedAt)
  return { ...statementOf(query), rowsRead, cacheAgeMs }
}

/** The statement has the conditions of an access policy in it, and names of columns that it hides: then nothing is shown. */
function statementOf({ sql, params, dataset }: CompiledQuery): CompiledStatement {
  return dataset.restriction ? {} : { sql, params }
}
