import { Controller, Get, Res } from '@nestjs/common'
import { ApiOperation, ApiProduces, ApiResponse, ApiTags } from '@nestjs/swagger'
import type { FastifyReply } from 'fastify'
import { register } from 'prom-client'
import { Access } from '../common/access.decorator.js'
import { HealthAnswer, LiveAnswer } from './health.dto.js'
import { HealthService } from './health.service.js'

@ApiTags('Operations')
@Controller()
export class HealthController {
  constructor(private readonly health: HealthService) {}

  @Get('health/live')
  @Access('public')
  @ApiOperation({ summary: 'Whether the process runs' })
  live(): LiveAnswer {
    return { status: 'ok' }
  }

  @Get('health/ready')
  @Access('public')
  @ApiOperation({ summary: 'Whether each engine answers a real query' })
  @ApiResponse({ status: 200, type: HealthAnswer })
  @ApiResponse({ status: 503, description: 'an engine does not answer', type: HealthAnswer })
  async ready(@Res({ passthrough: true }) reply: FastifyReply): Promise<HealthAnswer> {
    const answer = await this.health.check()
    void reply.code(answer.status === 'ok' ? 200 : 503)
    return answer
  }

  @Get('metrics')
  @Access('metrics')
  @ApiOperation({
    summary: 'Metrics for Prometheus',
    description: 'An admin key, or `Authorization: Bearer METRICS_TOKEN`.',
  })
  @ApiProduces('text/plain')
  @ApiResponse({ status: 200, content: { 'text/plain': { schema: { type: 'string' } } } })
  async metrics(@Res({ passthrough: true }) reply: FastifyReply): Promise<string> {
    void reply.type(register.contentType)
    return register.metrics()
  }
}
