import { Body, Controller, Delete, Get, HttpCode, Param, Put, Query } from '@nestjs/common'
import { ApiNoContentResponse, ApiOkResponse, ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger'
import { Audited } from '../../audit/audited.decorator.js'
import { Access } from '../../common/decorators/access.decorator.js'
import { ApiPage, ApiProblems } from '../../common/decorators/api-docs.decorator.js'
import { PageQuery, type Page } from '../../common/pagination.dto.js'
import { EndpointBody, EndpointResponse } from './endpoint.dto.js'
import { EndpointsService } from './endpoints.service.js'

const NAME = { name: 'name', example: 'revenue-by-category' }

@ApiTags('Endpoints')
@Controller('v1/admin/endpoints')
export class AdminEndpointsController {
  constructor(private readonly endpoints: EndpointsService) {}

  @Get()
  @Access('admin')
  @ApiOperation({ summary: 'List the endpoints by name; `broken` says which cannot be executed, and why' })
  @ApiPage(EndpointResponse)
  @ApiProblems('VALIDATION_FAILED', 'UNAVAILABLE')
  list(@Query() page: PageQuery): Promise<Page<EndpointResponse>> {
    return this.endpoints.list(page)
  }

  @Get(':name')
  @Access('admin')
  @ApiOperation({ summary: 'One endpoint as it is declared' })
  @ApiParam(NAME)
  @ApiOkResponse({ type: EndpointResponse })
  @ApiProblems('NOT_FOUND', 'UNAVAILABLE')
  get(@Param('name') name: string): Promise<EndpointResponse> {
    return this.endpoints.get(name)
  }

  @Put(':name')
  @Access('admin')
  @Audited({ action: 'endpoint.put', written: 'by the service' })
  @ApiOperation({
    summary: 'Declare an endpoint, or declare it anew: a named query with a URL, parameters, a cost and a cache time',
    description:
      'All of it is checked: the parameters, their defaults and allowed values, and that the query can be executed with ' +
      'them. Every instance has the change within a second.',
  })
  @ApiParam(NAME)
  @ApiOkResponse({ type: EndpointResponse })
  @ApiProblems('VALIDATION_FAILED', 'CONFLICT', 'UNAVAILABLE')
  put(@Param('name') name: string, @Body() body: EndpointBody): Promise<EndpointResponse> {
    return this.endpoints.put(name, body)
  }

  @Delete(':name')
  @HttpCode(204)
  @Access('admin')
  @Audited({ action: 'endpoint.delete', written: 'by the service' })
  @ApiOperation({ summary: 'Remove an endpoint' })
  @ApiParam(NAME)
  @ApiNoContentResponse()
  @ApiProblems('NOT_FOUND', 'UNAVAILABLE')
  remove(@Param('name') name: string): Promise<void> {
    return this.endpoints.remove(name)
  }
}
