import { Body, Controller, Get, HttpCode, Param, Post, Query, Req, type StreamableFile } from '@nestjs/common'
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger'
import type { FastifyRequest } from 'fastify'
import { Audited } from '../audit/audited.decorator.js'
import { Produces } from '../common/guards/acceptable.guard.js'
import { Access } from '../common/decorators/access.decorator.js'
import { ApiPage, ApiProblems } from '../common/decorators/api-docs.decorator.js'
import { csvFile, JSON_OR_CSV } from '../common/csv-file.js'
import { PageQuery, type Page } from '../common/pagination.dto.js'
import { UuidParam } from '../common/pipes/uuid-param.pipe.js'
import { Idempotent } from '../idempotency/idempotent.decorator.js'
import { AddCreditsBody, AddedCredits, Grant, LEDGER_COLUMNS, LedgerEntry } from './credits.dto.js'
import { CreditsService } from './credits.service.js'

@ApiTags('Credits')
@Controller('v1/admin')
export class CreditsController {
  constructor(private readonly credits: CreditsService) {}

  @Post('add-credits')
  @HttpCode(200)
  @Access('admin')
  @Audited<AddedCredits>({
    action: 'credits.add',
    target: (_request, { userId }) => userId,
    details: ({ body }, { grantId }) => {
      const { amount, reason, priority, expiresAt } = body as AddCreditsBody
      return { grantId, amount, reason, priority, expiresAt }
    },
  })
  @Idempotent({ transaction: true })
  @ApiOperation({ summary: 'Grant credits to a user' })
  @ApiOkResponse({ type: AddedCredits })
  @ApiProblems('VALIDATION_FAILED', 'NOT_FOUND', 'CONFLICT')
  async addCredits(@Body() body: AddCreditsBody): Promise<AddedCredits> {
    const expiresAt = body.expiresAt ? new Date(body.expiresAt) : null
    const { grantId, balance } = await this.credits.grant({ ...body, expiresAt })
    return { userId: body.userId, credits: balance, grantId }
  }

  @Get('users/:id/ledger')
  @Access('admin')
  @Produces(...JSON_OR_CSV)
  @ApiOperation({
    summary: "Everything that moved a user's balance, newest first; kept when the user is deleted",
    description: '`Accept: text/csv` gives all of it as a file.',
  })
  @ApiPage(LedgerEntry, 'text/csv')
  @ApiProblems('VALIDATION_FAILED', 'NOT_FOUND')
  async ledger(
    @Param('id', UuidParam) userId: string,
    @Query() page: PageQuery,
    @Req() { acceptedType }: FastifyRequest,
  ): Promise<Page<LedgerEntry> | StreamableFile> {
    if (acceptedType === 'text/csv') {
      return csvFile(`ledger-${userId}.csv`, LEDGER_COLUMNS, await this.credits.ledgerBatches(userId))
    }
    const { data, pagination } = await this.credits.ledger(userId, page)
    return { data: data.map((row) => LedgerEntry.of(row)), pagination }
  }

  @Get('users/:id/grants')
  @Access('admin')
  @ApiOperation({ summary: "A user's grants in the order in which they burn" })
  @ApiPage(Grant)
  @ApiProblems('VALIDATION_FAILED', 'NOT_FOUND')
  async grants(@Param('id', UuidParam) userId: string, @Query() page: PageQuery): Promise<Page<Grant>> {
    const { data, pagination } = await this.credits.grants(userId, page)
    return { data: data.map((row) => Grant.of(row)), pagination }
  }

  @Post('grants/:id/void')
  @HttpCode(200)
  @Access('admin')
  @Audited({ action: 'grant.void' })
  @ApiOperation({ summary: 'Take back what is left of a grant; doing it again changes nothing' })
  @ApiOkResponse({ type: Grant })
  @ApiProblems('VALIDATION_FAILED', 'NOT_FOUND')
  async voidGrant(@Param('id', UuidParam) grantId: string): Promise<Grant> {
    return Grant.of(await this.credits.voidGrant(grantId))
  }
}
