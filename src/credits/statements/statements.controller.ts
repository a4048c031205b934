import { applyDecorators, Controller, Get, Param, Query, Req, Res, type StreamableFile } from '@nestjs/common'
import { ApiExtraModels, ApiOkResponse, ApiOperation, ApiParam, ApiTags, getSchemaPath } from '@nestjs/swagger'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { Access } from '../../common/decorators/access.decorator.js'
import { ApiPage, ApiProblems } from '../../common/decorators/api-docs.decorator.js'
import { Produces } from '../../common/guards/acceptable.guard.js'
import { PageQuery, type Page } from '../../common/pagination.dto.js'
import { UuidParam } from '../../common/pipes/uuid-param.pipe.js'
import { accountIdOf, CurrentPrincipal, type Principal } from '../../common/principal.js'
import { MonthParam, type Month } from './month.js'
import { Statement, STATEMENT_TYPES, StatementMonth, StatementQuery } from './statement.dto.js'
import { statementResponse } from './statement-response.js'
import { StatementsService } from './statements.service.js'

const FORMATS =
  '`Accept: text/csv` or `format=csv` gives it as a file, `text/html` or `format=html` as a page to print.'

@ApiTags('Me')
@Controller('v1/me/statements')
export class OwnStatementsController {
  constructor(private readonly statements: StatementsService) {}

  @Get()
  @Access('any')
  @ApiOperation({ summary: 'The months of which the account has a statement, the current one first' })
  @ApiPage(StatementMonth)
  @ApiProblems('VALIDATION_FAILED', 'NOT_FOUND', 'RATE_LIMITED')
  months(@CurrentPrincipal() principal: Principal, @Query() page: PageQuery): Promise<Page<StatementMonth>> {
    return this.statements.months(accountIdOf(principal), page)
  }

  @Get(':month')
  @Access('any')
  @OfAMonth("What moved the account's balance in a month")
  async month(
    @CurrentPrincipal() principal: Principal,
    @Param('month', MonthParam) month: Month,
    @Query() query: StatementQuery,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Statement | StreamableFile | string> {
    const statement = await this.statements.of(accountIdOf(principal), month, principal.access)
    return statementResponse(statement, query, request, reply)
  }
}

@ApiTags('Credits')
@Controller('v1/admin/users/:id/statements')
export class StatementsController {
  constructor(private readonly statements: StatementsService) {}

  @Get()
  @Access('admin')
  @ApiOperation({ summary: 'The months of which a user has a statement, the current one first' })
  @ApiPage(StatementMonth)
  @ApiProblems('VALIDATION_FAILED', 'NOT_FOUND')
  months(@Param('id', UuidParam) userId: string, @Query() page: PageQuery): Promise<Page<StatementMonth>> {
    return this.statements.months(userId, page)
  }

  @Get(':month')
  @Access('admin')
  @OfAMonth("What moved a user's balance in a month; kept when the user is deleted")
  async month(
    @Param('id', UuidParam) userId: string,
    @Param('month', MonthParam) month: Month,
    @Query() query: StatementQuery,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Statement | StreamableFile | string> {
    return statementResponse(await this.statements.of(userId, month), query, request, reply)
  }
}

function OfAMonth(summary: string): MethodDecorator {
  const asText = { schema: { type: 'string' } }
  return applyDecorators(
    Produces(...Object.values(STATEMENT_TYPES)),
    ApiOperation({
      summary,
      description: `Months are UTC months. \`opening\` and the five sums add up to \`closing\`. ${FORMATS}`,
    }),
    ApiParam({ name: 'month', schema: { type: 'string', pattern: '^\\d{4}-(0[1-9]|1[0-2])$', example: '2026-11' } }),
    ApiExtraModels(Statement),
    ApiOkResponse({
      description: 'The statement',
      content: {
        'application/json': { schema: { $ref: getSchemaPath(Statement) } },
        'text/csv': asText,
        'text/html': asText,
      },
    }),
    ApiProblems('VALIDATION_FAILED', 'FORBIDDEN', 'NOT_FOUND', 'RATE_LIMITED'),
  )
}
