import { Controller, Get, Res } from '@nestjs/common'
import { ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger'
import type { FastifyReply } from 'fastify'
import { register } from 'prom-client'
import { Produces } from '../common/guards/acceptable.guard.js'
import { Access } from '../common/decorators/access.decorator.js'
import { HealthResponse, LiveResponse } from './health.dto.js'
import { HealthService } from './health.service.js'

@ApiTags('Operations')
@Controller()
export class HealthController {
  constructor(private readonly health: HealthService) {}

  @Get('health/live')
  @Access('public')
  @ApiOperation({ summary: 'Whether the process runs' })
  live(): LiveResponse {
    return { status: 'ok' }
  }

  @Get('health/ready')
  @Access('public')
  @ApiOperation({ summary: 'Whether each engine responds to a real query' })
  @ApiResponse({ status: 200, type: HealthResponse })
  @ApiResponse({ status: 503, description: 'an engine does not respond', type: HealthResponse })
  async ready(@Res({ passthrough: true }) reply: FastifyReply): Promise<HealthResponse> {
    const result = await this.health.check()
    void reply.code(result.status === 'ok' ? 200 : 503)
    return result
  }

  @Get('metrics')
  @Access('metrics')
  @Produces('text/plain')
  @ApiOperation({
    summary: 'Metrics for Prometheus',
    description: 'The key of an admin or viewer, or `Authorization: Bearer METRICS_TOKEN`.',
  })
  @ApiResponse({ status: 200, content: { 'text/plain': { schema: { type: 'string' } } } })
  async metrics(@Res({ passthrough: true }) reply: FastifyReply): Promise<string> {
    void reply.type(register.contentType)
    return register.metrics()
  }
}
