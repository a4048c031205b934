import { Controller, Get, Query, Req, Res, type StreamableFile } from '@nestjs/common'
import { ApiOkResponse, ApiOperation, ApiParam, ApiQuery, ApiResponse, ApiTags } from '@nestjs/swagger'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { Access } from '../../common/decorators/access.decorator.js'
import { ApiPage, ApiProblems } from '../../common/decorators/api-docs.decorator.js'
import { RouteSettings } from '../../common/decorators/route-settings.decorator.js'
import { Throttled } from '../../common/decorators/throttled.decorator.js'
import { Produces } from '../../common/guards/acceptable.guard.js'
import { PageQuery, type Page } from '../../common/pagination.dto.js'
import { CurrentPrincipal, type Principal } from '../../common/principal.js'
import { Charged } from '../../credits/charged.decorator.js'
import { RequestCharges } from '../../credits/request-charges.js'
import { FORMAT_NAMES, MEDIA_TYPES } from '../execution/response-formats.js'
import { QueryPricing } from '../query-pricing.js'
import { QUERY_RESPONSE_CONTENT } from '../query.examples.js'
import { FORMAT_PARAMETER } from './check-endpoint.js'
import { EndpointCatalog } from './endpoint-catalog.service.js'
import { AvailableEndpoint, OpenApiDocument } from './endpoint.dto.js'
import { EndpointResponses } from './endpoint-responses.service.js'

@ApiTags('Endpoints')
@Controller('v1/endpoints')
export class EndpointsController {
  constructor(
    private readonly catalog: EndpointCatalog,
    private readonly responses: EndpointResponses,
    private readonly charges: RequestCharges,
  ) {}

  @Get()
  @Access('any', { token: true })
  @ApiOperation({ summary: 'The endpoints that this key may call, with their parameters, columns and cost (free)' })
  @ApiPage(AvailableEndpoint)
  @ApiProblems('VALIDATION_FAILED', 'UNAVAILABLE')
  list(@Query() page: PageQuery, @CurrentPrincipal() principal: Principal): Page<AvailableEndpoint> {
    return this.catalog.list(principal, page)
  }

  @Get('openapi.json')
  @Access('any', { token: true })
  @ApiOperation({
    summary: 'An OpenAPI document of the endpoints that this key may call, to make a client from (free)',
  })
  @ApiOkResponse({ type: OpenApiDocument })
  document(@CurrentPrincipal() principal: Principal): OpenApiDocument {
    return this.catalog.document(principal)
  }

  @Get(':name')
  @Access('any', { token: true })
  @Throttled('queries')
  @Charged(QueryPricing)
  @RouteSettings({ callsEndpoint: true })
  @Produces(...MEDIA_TYPES)
  @ApiOperation({
    summary: 'Call an endpoint (paid)',
    description:
      'Answers as `POST /v1/query` does, with the parameters of the endpoint in the query string (`?country=Germany`; ' +
      'several times for any of several values). An unknown, missing or misfit parameter is 400 with its name. Costs what the ' +
      'endpoint says, else what the query costs. With `If-None-Match` and the `ETag` of an earlier response: 304 ' +
      'where the data have not changed, for the price of a cached result.',
  })
  @ApiParam({ name: 'name', type: String, example: 'revenue-by-category' })
  @ApiQuery({ name: FORMAT_PARAMETER, required: false, enum: FORMAT_NAMES, description: 'goes before `Accept`' })
  @ApiOkResponse(QUERY_RESPONSE_CONTENT)
  @ApiResponse({ status: 304, description: 'The result is the one that the client has' })
  @ApiProblems('VALIDATION_FAILED', 'INSUFFICIENT_CREDITS', 'NOT_FOUND', 'RATE_LIMITED', 'UNAVAILABLE', 'QUERY_TIMEOUT')
  call(
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<string | Buffer | StreamableFile | undefined> {
    return this.charges.respond<string | Buffer | StreamableFile | undefined>(request, reply, () =>
      this.responses.respond(request, reply),
    )
  }
}
