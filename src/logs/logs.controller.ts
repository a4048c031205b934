import { Controller, Get, Query } from '@nestjs/common'
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger'
import { Access } from '../common/access.decorator.js'
import { ApiPage, ApiProblems } from '../common/api-docs.decorator.js'
import { pageOf, type Page } from '../common/pagination.dto.js'
import { LogEntry, LogQuery } from './logs.dto.js'
import { RequestLogRepository } from './request-log.repository.js'
import { Stats } from './stats.dto.js'
import { StatsService } from './stats.service.js'

@ApiTags('Logs and stats')
@Controller('v1/admin')
export class LogsController {
  constructor(
    private readonly logs: RequestLogRepository,
    private readonly statistics: StatsService,
  ) {}

  @Get('logs')
  @Access('admin')
  @ApiOperation({ summary: 'Requests, newest first; refused ones too. No body and no key is ever in it' })
  @ApiPage(LogEntry)
  @ApiProblems('VALIDATION_FAILED')
  async list(@Query() query: LogQuery): Promise<Page<LogEntry>> {
    const { rows, total } = await this.logs.list(query)
    return pageOf(rows, query, total)
  }

  @Get('stats')
  @Access('admin')
  @ApiOperation({ summary: 'Users, traffic, credits, ingestions and datasets at a glance; days are UTC days' })
  @ApiOkResponse({ type: Stats })
  stats(): Promise<Stats> {
    return this.statistics.stats()
  }
}
