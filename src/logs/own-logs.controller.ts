import { Controller, Get, Query, Req, type StreamableFile } from '@nestjs/common'
import { ApiOperation, ApiTags } from '@nestjs/swagger'
import type { FastifyRequest } from 'fastify'
import { csvFile, JSON_OR_CSV } from '../common/csv-file.js'
import { Access } from '../common/decorators/access.decorator.js'
import { ApiPageOf, ApiProblems } from '../common/decorators/api-docs.decorator.js'
import { Produces } from '../common/guards/acceptable.guard.js'
import { accountIdOf, CurrentPrincipal, type Principal } from '../common/principal.js'
import { LogReaderService } from './log-reader.service.js'
import { LogPagination, OWN_LOG_COLUMNS, OwnLogEntry, OwnLogQuery } from './logs.dto.js'

@ApiTags('Me')
@Controller('v1/me/requests')
export class OwnLogsController {
  constructor(private readonly logs: LogReaderService) {}

  @Get()
  @Access('any')
  @Produces(...JSON_OR_CSV)
  @ApiOperation({
    summary: "The account's requests with all of its keys, newest first; those refused for its limits or rights too",
    description:
      '`Accept: text/csv` gives all that the filters let through as a file, whatever limit, offset and cursor say. ' +
      '`total` is counted up to 10,000 and estimated above that.',
  })
  @ApiPageOf(OwnLogEntry, LogPagination, 'text/csv')
  @ApiProblems('VALIDATION_FAILED', 'NOT_FOUND', 'RATE_LIMITED')
  async list(
    @CurrentPrincipal() principal: Principal,
    @Query() filters: OwnLogQuery,
    @Req() { acceptedType }: FastifyRequest,
  ): Promise<{ data: OwnLogEntry[]; pagination: LogPagination } | StreamableFile> {
    const query = { ...filters, userId: accountIdOf(principal) }
    if (acceptedType === 'text/csv')
      return csvFile('requests.csv', OWN_LOG_COLUMNS, this.logs.batches(query, principal.access))
    const { data, pagination } = await this.logs.page(query, principal.access)
    // The text of an error may name what exists for another key of the account only.
    return { data: data.map(({ errorDetail: _detail, fromConsole: _console, ...entry }) => entry), pagination }
  }
}
