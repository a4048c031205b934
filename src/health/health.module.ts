import { Module } from '@nestjs/common'
import { collectDefaultMetrics } from 'prom-client'
import { HealthController } from './health.controller.js'
import { HealthService } from './health.service.js'

@Module({ controllers: [HealthController], providers: [HealthService] })
export class HealthModule {
  constructor() {
    collectDefaultMetrics({ prefix: 'countinghouse_' })
  }
}
