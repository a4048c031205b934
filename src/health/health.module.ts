import { Module } from '@nestjs/common'
import { collectDefaultMetrics, register } from 'prom-client'
import { CacheModule } from '../infrastructure/cache/cache.module.js'
import { EngineMetrics } from './engine-metrics.js'
import { EngineReportService } from './engine-report.service.js'
import { HealthController } from './health.controller.js'
import { HealthService } from './health.service.js'
import { SettingsController } from './settings.controller.js'
import { SettingsService } from './settings.service.js'

const PREFIX = 'countinghouse_'
/** Sums of gauges, which Prometheus makes itself; by its rules only a counter's name ends in `_total`. */
const MISNAMED = ['nodejs_active_resources_total', 'nodejs_active_handles_total', 'nodejs_active_requests_total']

@Module({
  imports: [CacheModule],
  controllers: [HealthController, SettingsController],
  providers: [EngineMetrics, EngineReportService, HealthService, SettingsService],
})
export class HealthModule {
  constructor() {
    collectDefaultMetrics({ prefix: PREFIX })
    for (const name of MISNAMED) register.removeSingleMetric(`${PREFIX}${name}`)
  }
}
