import { Injectable, type StreamableFile } from '@nestjs/common'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { DatasetVersions } from '../../datasets/dataset-versions.js'
import type { QueryExecution } from '../execution/query-execution.js'
import { digestOf } from '../execution/query-digest.js'
import { JSON_RESPONSE } from '../execution/response-formats.js'
import { QueriesService } from '../queries.service.js'
import { entityTag, isKnown } from './entity-tag.js'

/** A browser asks each time whether its copy is right: one that it reused without asking would be older than was sold. */
const CACHE_CONTROL = 'private, no-cache'
const VARY = 'accept, authorization, x-api-key'

/** Responses of endpoints: those of queries, with a tag by which a client may ask whether its copy is still right. */
@Injectable()
export class EndpointResponses {
  constructor(
    private readonly queries: QueriesService,
    private readonly versions: DatasetVersions,
  ) {}

  /** undefined with 304 where the client has the result already; that costs what it costs from the cache. */
  async respond(request: FastifyRequest, reply: FastifyReply): Promise<string | Buffer | StreamableFile | undefined> {
    const execution = request.queryExecution!
    void reply.headers({ 'cache-control': CACHE_CONTROL, vary: VARY })
    const tag = await this.tagOf(execution)
    if (tag !== undefined && isKnown(tag, request.headers['if-none-match'])) {
      execution.running?.succeed()
      void reply.code(304).header('etag', tag)
      return undefined
    }
    const body = await this.queries.respond(request, reply)
    const own = tag ?? this.tagOfResult(execution)
    if (own !== undefined) void reply.header('etag', own)
    return body
  }

  /**
   * Before the query is executed: of what it says, which holds the caller's row filters, and of the version of the data. A
   * result that outlives a change of the data is told by when it was made. undefined for one that is yet to be made.
   */
  private async tagOf(execution: QueryExecution): Promise<string | undefined> {
    const { query, format, lookup, endpoint } = execution
    if (format === JSON_RESPONSE && endpoint!.cacheSeconds)
      return lookup?.result && this.tag(execution, lookup.result.madeAt)
    const version = lookup?.version ?? (await this.versions.current(query.dataset.name)).version
    return this.tag(execution, version)
  }

  private tagOfResult(execution: QueryExecution): string | undefined {
    return execution.madeAt === undefined ? undefined : this.tag(execution, execution.madeAt)
  }

  private tag({ query, format, endpoint }: QueryExecution, state: number): string {
    return entityTag([endpoint!.name, format.name, digestOf(query), String(state)])
  }
}
