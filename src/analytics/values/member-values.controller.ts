import { Controller, Get, Param, Query, Res } from '@nestjs/common'
import { ApiOkResponse, ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger'
import type { FastifyReply } from 'fastify'
import { Access } from '../../common/decorators/access.decorator.js'
import { ApiProblems } from '../../common/decorators/api-docs.decorator.js'
import { CurrentPrincipal, type Principal } from '../../common/principal.js'
import { MemberValues, MemberValuesQuery } from './member-values.dto.js'
import { MemberValuesService } from './member-values.service.js'

@ApiTags('Queries')
@Controller('v1/datasets/:name/values')
export class MemberValuesController {
  constructor(private readonly values: MemberValuesService) {}

  @Get(':member')
  @Access('any', { token: true })
  @ApiOperation({
    summary: 'The distinct values of a text member, most frequent first, for drop-down lists (free)',
    description:
      'Without the empty value. Those of events may be some seconds old. Of a member with more than a million values ' +
      'only a million are looked at.',
  })
  @ApiParam({ name: 'name', example: 'transactions' })
  @ApiParam({ name: 'member', example: 'country' })
  @ApiOkResponse({ type: MemberValues })
  @ApiProblems('VALIDATION_FAILED', 'NOT_FOUND', 'RATE_LIMITED', 'QUERY_TIMEOUT', 'UNAVAILABLE')
  list(
    @Param('name') name: string,
    @Param('member') member: string,
    @Query() query: MemberValuesQuery,
    @CurrentPrincipal() principal: Principal,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<MemberValues> {
    return this.values.list({ dataset: name, member }, query, principal, reply)
  }
}
