import { Module } from '@nestjs/common'
import { AnalyticsModule } from '../analytics.module.js'
import { CallsInFlight } from './calls-in-flight.js'
import { McpController } from './mcp.controller.js'
import { McpService } from './mcp.service.js'
import { RestCalls } from './rest-calls.js'

/** The tools of agents: `POST /mcp`. */
@Module({
  imports: [AnalyticsModule],
  controllers: [McpController],
  providers: [CallsInFlight, McpService, RestCalls],
})
export class McpModule {}
