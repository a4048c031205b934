import { Controller, Get, Query, Req, type StreamableFile } from '@nestjs/common'
import { ApiOperation, ApiTags } from '@nestjs/swagger'
import type { FastifyRequest } from 'fastify'
import type { EffectiveAccess } from '../auth/access/effective-access.js'
import { csvFile, JSON_OR_CSV } from '../common/csv-file.js'
import { Access } from '../common/decorators/access.decorator.js'
import { ApiPage, ApiProblems } from '../common/decorators/api-docs.decorator.js'
import { Produces } from '../common/guards/acceptable.guard.js'
import { CurrentPrincipal, type Principal } from '../common/principal.js'
import { pageOf, type Page } from '../common/pagination.dto.js'
import { LEDGER_COLUMNS, LedgerEntry, OwnLedgerQuery } from './credits.dto.js'
import { CreditsService } from './credits.service.js'
import type { EntryRow } from './credits.types.js'

@ApiTags('Me')
@Controller('v1/me/ledger')
export class OwnLedgerController {
  constructor(private readonly credits: CreditsService) {}

  @Get()
  @Access('any')
  @Produces(...JSON_OR_CSV)
  @ApiOperation({
    summary: "Everything that moved the account's balance, newest first; nothing for the root key",
    description: '`Accept: text/csv` or `format=csv` gives all of it as a file.',
  })
  @ApiPage(LedgerEntry, 'text/csv')
  @ApiProblems('VALIDATION_FAILED', 'RATE_LIMITED')
  async ledger(
    @CurrentPrincipal() { userId, access }: Principal,
    @Query() { format, ...page }: OwnLedgerQuery,
    @Req() { acceptedType }: FastifyRequest,
  ): Promise<Page<LedgerEntry> | StreamableFile> {
    if (userId === null) return pageOf([], page, 0)
    if (format === 'csv' || (format === undefined && acceptedType === 'text/csv'))
      return csvFile('ledger.csv', LEDGER_COLUMNS, visibleTo(access, await this.credits.ledgerBatches(userId)))
    const { data, pagination } = await this.credits.ledger(userId, page)
    return { data: data.map((row) => LedgerEntry.of(row, access)), pagination }
  }
}

async function* visibleTo(access: EffectiveAccess, batches: AsyncIterable<EntryRow[]>): AsyncGenerator<LedgerEntry[]> {
  for await (const rows of batches) yield rows.map((row) => LedgerEntry.of(row, access))
}
