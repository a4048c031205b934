import { Controller, Get } from '@nestjs/common'
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger'
import { Access } from '../common/decorators/access.decorator.js'
import { EngineReportService } from './engine-report.service.js'
import { EnginesHealth, Settings } from './settings.dto.js'
import { SettingsService } from './settings.service.js'

@ApiTags('Operations')
@Controller('v1/admin')
export class SettingsController {
  constructor(
    private readonly settings: SettingsService,
    private readonly engines: EngineReportService,
  ) {}

  @Get('settings')
  @Access('admin')
  @ApiOperation({ summary: 'The configuration in force on the process that answers, without secrets' })
  @ApiOkResponse({ type: Settings })
  list(): Settings {
    return { data: this.settings.list() }
  }

  @Get('engines')
  @Access('admin')
  @ApiOperation({ summary: 'Each engine: whether it answers, its version, disk and lag' })
  @ApiOkResponse({ type: EnginesHealth })
  async health(): Promise<EnginesHealth> {
    return { data: await this.engines.report() }
  }
}
