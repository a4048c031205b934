import { Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common'
import type { FastifyRequest } from 'fastify'
import { routeSettingsOf } from '../common/decorators/route-settings.decorator.js'
import { refuseDeepNesting } from '../common/pipes/validation.pipe.js'
import { AccessibleDatasets } from '../datasets/access/accessible-datasets.js'
import type { DatasetLookup } from '../datasets/dataset-lookup.js'
import { compile, type CompiledQuery } from './compiler/compiler.js'
import { CompiledQueries } from './compiler/compiled-queries.js'
import { formatOf, JSON_RESPONSE, type ResponseFormat } from './execution/response-formats.js'
import type { QueryExecution } from './execution/query-execution.js'
import { parseQuery } from './parsing/query-parser.js'
import { ClickHouseTimeZones } from '../infrastructure/clickhouse/time-zones.js'
import { EndpointCalls } from './endpoints/endpoint-calls.service.js'
import { requestOf } from '../common/http/http-context.js'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** the query is that of the endpoint in the path, with the parameters of the query string */
    callsEndpoint?: boolean
  }
}

/** Parses and compiles the query of the routes that take one, from the body or of an endpoint: 400 with all that is wrong. */
@Injectable()
export class QueryGuard implements CanActivate {
  constructor(
    private readonly compiled: CompiledQueries,
    private readonly timeZones: ClickHouseTimeZones,
    private readonly datasets: AccessibleDatasets,
    private readonly endpoints: EndpointCalls,
  ) {}

  canActivate(context: ExecutionContext): boolean {
    const request = requestOf(context)
    const { takesQuery, callsEndpoint } = routeSettingsOf(context.getHandler())
    if (!(takesQuery || callsEndpoint) || request.idempotency?.isRepetition) return true
    const startedAt = performance.now()
    request.queryExecution = callsEndpoint ? this.ofEndpoint(request, startedAt) : this.ofBody(request, startedAt)
    request.queriedDataset = request.queryExecution.query.dataset.name
    return true
  }

  private ofBody(request: FastifyRequest, startedAt: number): QueryExecution {
    const format = formatOf(request.acceptedType!)
    const query = this.compile(request.body, this.datasets.of(request.principal!.access), format)
    return { query, format, isFresh: wantsFresh(request.headers['cache-control']), startedAt }
  }

  private ofEndpoint(request: FastifyRequest, startedAt: number): QueryExecution {
    const call = this.endpoints.callOf(request)
    const format = call.format ?? formatOf(request.acceptedType!)
    const datasets = this.datasets.behindEndpoints(request.principal!.access)
    const query = call.compile((body) => this.compile(body, datasets, format))
    // Whoever asks whether its copy is still right (fetch sends no-cache with it) wants no result to be made anew.
    const isFresh = request.headers['if-none-match'] === undefined && wantsFresh(request.headers['cache-control'])
    return { query, format, isFresh, startedAt, endpoint: call.endpoint }
  }

  private compile(body: unknown, datasets: DatasetLookup, format: ResponseFormat): CompiledQuery {
    if (format === JSON_RESPONSE) return this.compiled.of(body, datasets)
    refuseDeepNesting(body)
    return compile(parseQuery(body, { datasets, unlimited: true, timeZones: this.timeZones }), format)
  }
}

/** Whether a request's `Cache-Control` wants the query to be executed, whatever the cache has (RFC 9111, 5.2.1.4). */
function wantsFresh(cacheControl: string | undefined): boolean {
  return cacheControl !== undefined && cacheControl.split(',').some((part) => part.trim().toLowerCase() === 'no-cache')
}
