import { Controller, Get, HttpCode, Post } from '@nestjs/common'
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger'
import { Audited } from '../audit/audited.decorator.js'
import { Access } from '../common/decorators/access.decorator.js'
import { RefreshedViews, ViewStatuses } from './views.dto.js'
import { ViewsService } from './views.service.js'

@ApiTags('Dashboard')
@Controller('v1/admin/views')
export class ViewsController {
  constructor(private readonly views: ViewsService) {}

  @Get()
  @Access('admin')
  @ApiOperation({ summary: 'How fresh each materialized view is' })
  @ApiOkResponse({ type: ViewStatuses })
  list(): Promise<ViewStatuses> {
    return this.views.statuses()
  }

  @Post('refresh')
  @HttpCode(200)
  @Access('admin')
  @Audited({ action: 'views.refresh', written: 'afterwards' })
  @ApiOperation({ summary: 'Refresh all views now; readers keep the old ones until it is done' })
  @ApiOkResponse({ type: RefreshedViews })
  refresh(): Promise<RefreshedViews> {
    return this.views.refresh()
  }
}
