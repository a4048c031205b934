import { Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common'
import type { FastifyRequest } from 'fastify'
import { routeSettingsOf } from '../common/decorators/route-settings.decorator.js'
import { refuseDeepNesting } from '../common/pipes/validation.pipe.js'
import { AccessibleDatasets } from '../datasets/access/accessible-datasets.js'
import { compile, type CompiledQuery } from './compiler/compiler.js'
import { CompiledQueries } from './compiler/compiled-queries.js'
import { formatOf, JSON_RESPONSE, type ResponseFormat } from './execution/response-formats.js'
import { parseQuery } from './parsing/query-parser.js'
import { ClickHouseTimeZones } from '../infrastructure/clickhouse/time-zones.js'
import { QueryPricing } from './query-pricing.js'
import { requestOf } from '../common/http/http-context.js'

/** Parses and compiles the query in the body of the routes that cost what QueryPricing says: 400 with all that is wrong. */
@Injectable()
export class QueryGuard implements CanActivate {
  constructor(
    private readonly compiled: CompiledQueries,
    private readonly timeZones: ClickHouseTimeZones,
    private readonly datasets: AccessibleDatasets,
  ) {}

  canActivate(context: ExecutionContext): boolean {
    const request = requestOf(context)
    if (routeSettingsOf(context.getHandler()).charged !== QueryPricing || request.idempotency?.isRepetition) return true
    const startedAt = performance.now()
    const format = formatOf(request.acceptedType!)
    const query = this.compile(request, format)
    request.queryExecution = { query, format, isFresh: wantsFresh(request.headers['cache-control']), startedAt }
    return true
  }

  private compile({ body, principal }: FastifyRequest, format: ResponseFormat): CompiledQuery {
    const datasets = this.datasets.of(principal!.access)
    if (format === JSON_RESPONSE) return this.compiled.of(body, datasets)
    refuseDeepNesting(body)
    return compile(parseQuery(body, { datasets, unlimited: true, timeZones: this.timeZones }), format)
  }
}

/** Whether a request's `Cache-Control` wants the query to be executed, whatever the cache has (RFC 9111, 5.2.1.4). */
function wantsFresh(cacheControl: string | undefined): boolean {
  return cacheControl !== undefined && cacheControl.split(',').some((part) => part.trim().toLowerCase() === 'no-cache')
}
