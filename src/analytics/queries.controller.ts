import { Controller, HttpCode, Post, Req, Res, type StreamableFile } from '@nestjs/common'
import { ApiBody, ApiExtraModels, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { Access } from '../common/decorators/access.decorator.js'
import { Produces } from '../common/guards/acceptable.guard.js'
import { ApiProblems } from '../common/decorators/api-docs.decorator.js'
import { RouteSettings } from '../common/decorators/route-settings.decorator.js'
import { Throttled } from '../common/decorators/throttled.decorator.js'
import { Charged } from '../credits/charged.decorator.js'
import { RequestCharges } from '../credits/request-charges.js'
import { Idempotent } from '../idempotency/idempotent.decorator.js'
import { MEDIA_TYPES } from './execution/response-formats.js'
import { QUERY_RESPONSE_CONTENT, QUERY_EXAMPLES } from './query.examples.js'
import { DryRunResponse, QueryResponse, QueryRequest } from './query.dto.js'
import { QueriesService } from './queries.service.js'
import { QueryPricing } from './query-pricing.js'

@ApiTags('Queries')
@ApiExtraModels(QueryResponse)
@Controller('v1/query')
export class QueriesController {
  constructor(
    private readonly queries: QueriesService,
    private readonly charges: RequestCharges,
  ) {}

  @Post()
  @HttpCode(200)
  // Above @Access, which documents a 400 too.
  @ApiProblems('VALIDATION_FAILED', 'COST_LIMIT_EXCEEDED', 'INSUFFICIENT_CREDITS', 'KEY_CREDIT_LIMIT')
  @Access('any', { token: true })
  @Throttled('queries')
  @Charged(QueryPricing)
  @Idempotent({ transaction: false })
  @RouteSettings({ takesQuery: true })
  @Produces(...MEDIA_TYPES)
  @ApiOperation({
    summary: 'Execute a query (paid)',
    description:
      'Groups (measures by dimensions and periods) or rows (`select`). Costs what `POST /v1/query/dry-run` says, cached results included; ' +
      'a refusal, a failure or a connection that closes before the first byte of the response costs nothing, nor does a query ' +
      'of the root key. `Accept` other than JSON streams the whole result: it is paid when its first byte leaves, and from ' +
      'then on only a failure of the server gives the credits back. `maxCostCredits` refuses a query that costs more (400 ' +
      '`COST_LIMIT_EXCEEDED`). ' +
      'Sums of event values can have 76 digits: in Parquet and Arrow, whose readers take 38, those columns are exact text. CSV ' +
      'has all values as they are, so that it loads again; a spreadsheet may take a text that begins with = for a formula.\n\n' +
      'A user may have QUERIES_IN_FLIGHT_PER_USER queries running in ClickHouse (8), all keys together; more are 429 ' +
      '`RATE_LIMITED` with `Retry-After`, and so are queries of a user whose failed queries have taken more than ' +
      'FAILED_QUERY_SECONDS_PER_MINUTE seconds of ClickHouse time (60). Cached results do not count.',
  })
  @ApiBody({ type: QueryRequest, examples: QUERY_EXAMPLES })
  @ApiOkResponse(QUERY_RESPONSE_CONTENT)
  @ApiProblems('PAYLOAD_TOO_LARGE', 'UNSUPPORTED_FORMAT')
  @ApiProblems('RATE_LIMITED', 'UNAVAILABLE', 'QUERY_TIMEOUT')
  query(
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<string | Buffer | StreamableFile> {
    return this.charges.respond<string | Buffer | StreamableFile>(request, reply, () =>
      this.queries.respond(request, reply),
    )
  }

  @Post('dry-run')
  @HttpCode(200)
  @Access('any', { token: true })
  @RouteSettings({ takesQuery: true })
  // The response is JSON whatever Accept says: it names the format whose price is asked for.
  @Produces(...MEDIA_TYPES)
  @ApiOperation({
    summary: 'Get the SQL and the cost of a query (free)',
    description:
      '`costCredits` is what the same request to `POST /v1/query` is charged as long as the data does not change. Send the ' +
      '`Accept` of that request: an export may have another price. `maxCostCredits` is not held against it.',
  })
  @ApiBody({ type: QueryRequest, examples: QUERY_EXAMPLES })
  @ApiOkResponse({ type: DryRunResponse })
  @ApiProblems('VALIDATION_FAILED', 'PAYLOAD_TOO_LARGE', 'UNSUPPORTED_FORMAT', 'RATE_LIMITED', 'UNAVAILABLE')
  dryRun(@Req() request: FastifyRequest): Promise<DryRunResponse> {
    return this.queries.dryRun(request)
  }
}
