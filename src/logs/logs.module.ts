import { Module } from '@nestjs/common'
import { LogReaderService } from './log-reader.service.js'
import { LogPartitionsRepository } from './log-partitions.repository.js'
import { LogPartitionsService } from './log-partitions.service.js'
import { LogsController } from './logs.controller.js'
import { OwnLogsController } from './own-logs.controller.js'
import { RequestLogRepository } from './request-log.repository.js'
import { countRequest } from './request-metrics.js'
import { RequestLogService } from './request-log.service.js'
import { RequestObservers } from './request-observers.js'
import { StatsContributors } from './stats-contributors.js'
import { StatsService } from './stats.service.js'
import { UsageRepository } from './usage.repository.js'
import { UsageService } from './usage.service.js'

/** What was asked, by whom, how it went; and the sums of it. */
@Module({
  controllers: [LogsController, OwnLogsController],
  providers: [
    LogPartitionsRepository,
    LogPartitionsService,
    LogReaderService,
    RequestLogRepository,
    RequestLogService,
    RequestObservers,
    StatsContributors,
    StatsService,
    UsageRepository,
    UsageService,
  ],
  exports: [RequestLogService, RequestObservers, StatsContributors, UsageService],
})
export class LogsModule {
  constructor(observers: RequestObservers) {
    observers.add((_request, row) => countRequest(row))
  }
}
