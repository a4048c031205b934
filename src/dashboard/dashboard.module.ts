import { Module } from '@nestjs/common'
import { DatasetsModule } from '../datasets/datasets.module.js'
import { CatalogVersion } from './catalog-version.js'
import { CurrentViews } from './current-views.js'
import { OrderReportsRepository } from './order-reports.repository.js'
import { ReportCache } from './report-cache.js'
import { ReportsController } from './reports.controller.js'
import { ReportsService } from './reports.service.js'
import { ViewReportsRepository } from './view-reports.repository.js'
import { ViewsController } from './views.controller.js'
import { ViewsRepository } from './views.repository.js'
import { ViewsService } from './views.service.js'

@Module({
  imports: [DatasetsModule],
  controllers: [ReportsController, ViewsController],
  providers: [
    CatalogVersion,
    CurrentViews,
    OrderReportsRepository,
    ReportCache,
    ReportsService,
    ViewReportsRepository,
    ViewsRepository,
    ViewsService,
  ],
})
export class DashboardModule {}
