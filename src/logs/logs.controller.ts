import { Controller, Get, Query, Req, type StreamableFile } from '@nestjs/common'
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger'
import type { FastifyRequest } from 'fastify'
import { Produces } from '../common/guards/acceptable.guard.js'
import { Access } from '../common/decorators/access.decorator.js'
import { ApiPageOf, ApiProblems } from '../common/decorators/api-docs.decorator.js'
import { csvFile, JSON_OR_CSV } from '../common/csv-file.js'
import { LogReaderService } from './log-reader.service.js'
import { DETAILED_LOG_COLUMNS, DetailedLogEntry, LogEntry, LOG_COLUMNS, LogPagination, LogQuery } from './logs.dto.js'
import { Stats } from './stats.dto.js'
import { StatsService } from './stats.service.js'

const AS_FILE =
  '`Accept: text/csv` gives all that the filters let through as a file, whatever limit, offset and cursor say. ' +
  '`total` is counted up to 10,000 and estimated above that.'

@ApiTags('Logs and stats')
@Controller('v1/admin')
export class LogsController {
  constructor(
    private readonly logs: LogReaderService,
    private readonly statistics: StatsService,
  ) {}

  @Get('logs')
  @Access('admin')
  @Produces(...JSON_OR_CSV)
  @ApiOperation({
    summary: 'Requests, newest first; refused ones too. No body and no key is ever in it',
    description: AS_FILE,
  })
  @ApiPageOf(LogEntry, LogPagination, 'text/csv')
  @ApiProblems('VALIDATION_FAILED')
  async list(
    @Query() query: LogQuery,
    @Req() { acceptedType }: FastifyRequest,
  ): Promise<{ data: LogEntry[]; pagination: LogPagination } | StreamableFile> {
    if (acceptedType === 'text/csv') return csvFile('requests.csv', LOG_COLUMNS, this.logs.batches(query))
    const { data, pagination } = await this.logs.page(query)
    return { data: data.map(briefly), pagination }
  }

  @Get('requests')
  @Access('admin')
  @Produces(...JSON_OR_CSV)
  @ApiOperation({
    summary: 'The same requests with key, dataset and the reason of a refusal',
    description: AS_FILE,
  })
  @ApiPageOf(DetailedLogEntry, LogPagination, 'text/csv')
  @ApiProblems('VALIDATION_FAILED')
  async listDetailed(
    @Query() query: LogQuery,
    @Req() { acceptedType }: FastifyRequest,
  ): Promise<{ data: DetailedLogEntry[]; pagination: LogPagination } | StreamableFile> {
    if (acceptedType === 'text/csv') return csvFile('requests.csv', DETAILED_LOG_COLUMNS, this.logs.batches(query))
    return this.logs.page(query)
  }

  @Get('stats')
  @Access('admin')
  @ApiOperation({ summary: 'Users, traffic, credits, ingestions and datasets at a glance; days are UTC days' })
  @ApiOkResponse({ type: Stats })
  stats(): Promise<Stats> {
    return this.statistics.stats()
  }
}

function briefly(entry: DetailedLogEntry): LogEntry {
  const {
    keyId: _key,
    dataset: _dataset,
    errorCode: _code,
    errorDetail: _detail,
    fromConsole: _console,
    ...brief
  } = entry
  return brief
}
