import { Controller, Get } from '@nestjs/common'
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger'
import { Access } from '../../common/decorators/access.decorator.js'
import { MetricsResponse } from './metrics.dto.js'
import { MetricsService } from './metrics.service.js'

@ApiTags('Real time')
@Controller('api/metrics')
export class MetricsController {
  constructor(private readonly metrics: MetricsService) {}

  @Get()
  @Access('dashboards')
  @ApiOperation({
    summary: 'Totals and last values of all events',
    description:
      'Events that this instance stored are in it at once. Those of other instances come within moments through Redis, and ' +
      'without it when the instance counts again, at most about ten seconds later.',
  })
  @ApiOkResponse({ type: MetricsResponse })
  async get(): Promise<MetricsResponse> {
    await this.metrics.caughtUp()
    return this.metrics.snapshot()
  }
}
