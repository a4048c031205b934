import { Body, Controller, Delete, Get, HttpCode, Param, Post, Put, Query } from '@nestjs/common'
import { ApiCreatedResponse, ApiNoContentResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger'
import { Audited, idOfResult } from '../audit/audited.decorator.js'
import { Access } from '../common/decorators/access.decorator.js'
import { ApiPage, ApiProblems } from '../common/decorators/api-docs.decorator.js'
import type { Page } from '../common/pagination.dto.js'
import { UuidParam } from '../common/pipes/uuid-param.pipe.js'
import { CurrentPrincipal, type Principal } from '../common/principal.js'
import {
  ChangeSavedQueryBody,
  DeleteSavedQueryQuery,
  ListSavedQueriesQuery,
  SavedQuery,
  SavedQueryBody,
} from './saved-query.dto.js'
import { SavedQueriesService } from './saved-queries.service.js'

@ApiTags('Boards')
@Controller('v1/saved-queries')
export class SavedQueriesController {
  constructor(private readonly saved: SavedQueriesService) {}

  @Get()
  @Access('any')
  @ApiOperation({
    summary: 'Your saved queries and those that are shared with you, changed last first (free)',
    description: 'Where an access policy applies: those whose dataset and members it names. Admins get those of all.',
  })
  @ApiPage(SavedQuery)
  @ApiProblems('VALIDATION_FAILED')
  list(@Query() query: ListSavedQueriesQuery, @CurrentPrincipal() principal: Principal): Promise<Page<SavedQuery>> {
    return this.saved.list(query, principal)
  }

  @Post()
  @Access('any')
  @Audited<SavedQuery>({ action: 'saved-query.create', target: idOfResult, details: (_request, saved) => told(saved) })
  @ApiOperation({
    summary: 'Save a query under a name (free)',
    description:
      'It is checked as `POST /v1/query` checks it for this key, and not executed. An account has at most 1,000 of them.',
  })
  @ApiCreatedResponse({ type: SavedQuery })
  @ApiProblems('VALIDATION_FAILED', 'CONFLICT')
  create(@Body() body: SavedQueryBody, @CurrentPrincipal() principal: Principal): Promise<SavedQuery> {
    return this.saved.create(body, principal)
  }

  @Get(':id')
  @Access('any')
  @ApiOperation({ summary: 'One saved query (free)' })
  @ApiOkResponse({ type: SavedQuery })
  @ApiProblems('NOT_FOUND')
  get(@Param('id', UuidParam) id: string, @CurrentPrincipal() principal: Principal): Promise<SavedQuery> {
    return this.saved.get(id, principal)
  }

  @Put(':id')
  @Access('any')
  @Audited<SavedQuery>({ action: 'saved-query.update', details: (_request, saved) => told(saved) })
  @ApiOperation({
    summary: 'Change a saved query of your own, admins any; what is absent gets its default (free)',
    description: '`revision` is the one that was read: 409 where somebody changed it since.',
  })
  @ApiOkResponse({ type: SavedQuery })
  @ApiProblems('VALIDATION_FAILED', 'FORBIDDEN', 'NOT_FOUND', 'CONFLICT')
  replace(
    @Param('id', UuidParam) id: string,
    @Body() body: ChangeSavedQueryBody,
    @CurrentPrincipal() principal: Principal,
  ): Promise<SavedQuery> {
    return this.saved.replace(id, body, principal)
  }

  @Delete(':id')
  @HttpCode(204)
  @Access('any')
  @Audited({ action: 'saved-query.delete', details: ({ query }) => ({ ...(query as object) }) })
  @ApiOperation({
    summary: 'Delete a saved query of your own, admins any (free)',
    description: 'One that is on dashboards stays (409 with their names), unless `force=true` removes its tiles too.',
  })
  @ApiNoContentResponse()
  @ApiProblems('VALIDATION_FAILED', 'FORBIDDEN', 'NOT_FOUND', 'CONFLICT')
  remove(
    @Param('id', UuidParam) id: string,
    @Query() { force = false }: DeleteSavedQueryQuery,
    @CurrentPrincipal() principal: Principal,
  ): Promise<void> {
    return this.saved.remove(id, force, principal)
  }
}

function told({ name, visibility, dataset, revision }: SavedQuery): Record<string, unknown> {
  return { name, visibility, dataset, revision }
}
