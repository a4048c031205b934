import { Body, Controller, Delete, Get, HttpCode, Param, Post, Put, Query } from '@nestjs/common'
import { ApiCreatedResponse, ApiNoContentResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger'
import { Audited, idOfResult } from '../audit/audited.decorator.js'
import { Access } from '../common/decorators/access.decorator.js'
import { ApiPage, ApiProblems } from '../common/decorators/api-docs.decorator.js'
import type { Page } from '../common/pagination.dto.js'
import { UuidParam } from '../common/pipes/uuid-param.pipe.js'
import { CurrentPrincipal, type Principal } from '../common/principal.js'
import { Board, BoardBody, BoardSummary, ChangeBoardBody } from './board.dto.js'
import { BoardsService } from './boards.service.js'
import { ListShareablesQuery } from './shareable.dto.js'

@ApiTags('Boards')
@Controller('v1/boards')
export class BoardsController {
  constructor(private readonly boards: BoardsService) {}

  @Get()
  @Access('any')
  @ApiOperation({
    summary: 'Your dashboards and those that are shared with you, changed last first (free)',
    description:
      'Where an access policy applies: those with a saved query whose dataset and members it names. Admins get those of all. ' +
      'The ready-made reports are at `/v1/dashboard`.',
  })
  @ApiPage(BoardSummary)
  @ApiProblems('VALIDATION_FAILED')
  list(@Query() query: ListShareablesQuery, @CurrentPrincipal() principal: Principal): Promise<Page<BoardSummary>> {
    return this.boards.list(query, principal)
  }

  @Post()
  @Access('any')
  @Audited<Board>({ action: 'board.create', target: idOfResult, details: (_request, board) => told(board) })
  @ApiOperation({
    summary: 'Make a dashboard of saved queries and texts (free)',
    description:
      'Nothing is executed: whoever shows it sends the query of each tile to `POST /v1/query`. An account has at most 1,000.',
  })
  @ApiCreatedResponse({ type: Board })
  @ApiProblems('VALIDATION_FAILED', 'CONFLICT')
  create(@Body() body: BoardBody, @CurrentPrincipal() principal: Principal): Promise<Board> {
    return this.boards.create(body, principal)
  }

  @Get(':id')
  @Access('any')
  @ApiOperation({ summary: 'One dashboard with its tiles and their saved queries (free)' })
  @ApiOkResponse({ type: Board })
  @ApiProblems('NOT_FOUND')
  get(@Param('id', UuidParam) id: string, @CurrentPrincipal() principal: Principal): Promise<Board> {
    return this.boards.get(id, principal)
  }

  @Put(':id')
  @Access('any')
  @Audited<Board>({ action: 'board.update', details: (_request, board) => told(board) })
  @ApiOperation({
    summary: 'Change a dashboard of your own, admins any, with all of its tiles (free)',
    description: '`revision` is the one that was read: 409 where somebody changed it since.',
  })
  @ApiOkResponse({ type: Board })
  @ApiProblems('VALIDATION_FAILED', 'FORBIDDEN', 'NOT_FOUND', 'CONFLICT')
  replace(
    @Param('id', UuidParam) id: string,
    @Body() body: ChangeBoardBody,
    @CurrentPrincipal() principal: Principal,
  ): Promise<Board> {
    return this.boards.replace(id, body, principal)
  }

  @Delete(':id')
  @HttpCode(204)
  @Access('any')
  @Audited({ action: 'board.delete' })
  @ApiOperation({ summary: 'Delete a dashboard of your own, admins any; its saved queries stay (free)' })
  @ApiNoContentResponse()
  @ApiProblems('FORBIDDEN', 'NOT_FOUND')
  remove(@Param('id', UuidParam) id: string, @CurrentPrincipal() principal: Principal): Promise<void> {
    return this.boards.remove(id, principal)
  }
}

function told({ name, visibility, tileCount, revision }: Board): Record<string, unknown> {
  return { name, visibility, tileCount, revision }
}
