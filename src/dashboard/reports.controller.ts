import { Controller, Get, Query, Res } from '@nestjs/common'
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger'
import type { FastifyReply } from 'fastify'
import { Access } from '../common/decorators/access.decorator.js'
import { ApiProblems } from '../common/decorators/api-docs.decorator.js'
import { RawJsonResponse, type RawJson } from '../common/decorators/raw-json-response.decorator.js'
import type { CachedReport } from './report-cache.js'
import {
  CountryRevenueQuery,
  CountryRevenueReport,
  MonthlySalesQuery,
  MonthlySalesReport,
  OverviewReport,
  ProductReport,
  RegionRevenueReport,
  TopCustomersQuery,
  TopCustomersReport,
  TopProductsReport,
} from './reports.dto.js'
import { ReportsService } from './reports.service.js'

const X_CACHE = {
  'x-cache': { description: 'whether it came from the cache', schema: { type: 'string', enum: ['hit', 'miss'] } },
}

@ApiTags('Dashboard')
@Controller()
export class ReportsController {
  constructor(private readonly reports: ReportsService) {}

  @Get('api/revenue/countries')
  @Access('dashboards')
  @RawJsonResponse()
  @ApiOperation({ summary: 'Revenue by country and product, the countries by name, the best product first (free)' })
  @ApiOkResponse({ type: CountryRevenueReport, headers: X_CACHE })
  @ApiProblems('VALIDATION_FAILED')
  async countryRevenue(
    @Query() query: CountryRevenueQuery,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<RawJson> {
    return sent(reply, await this.reports.countryRevenue(query))
  }

  @Get('api/products/top')
  @Access('dashboards')
  @RawJsonResponse()
  @ApiOperation({ summary: 'The 20 products of which most was sold, with their stock (free)' })
  @ApiOkResponse({ type: TopProductsReport, headers: X_CACHE })
  async topProducts(@Res({ passthrough: true }) reply: FastifyReply): Promise<RawJson> {
    return sent(reply, await this.reports.topProducts())
  }

  @Get('api/sales/monthly')
  @Access('dashboards')
  @RawJsonResponse()
  @ApiOperation({ summary: 'Sales by month, oldest first (free)' })
  @ApiOkResponse({ type: MonthlySalesReport, headers: X_CACHE })
  @ApiProblems('VALIDATION_FAILED')
  async monthlySales(
    @Query() { year }: MonthlySalesQuery,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<RawJson> {
    return sent(reply, await this.reports.monthlySales(year))
  }

  @Get('api/revenue/regions')
  @Access('dashboards')
  @RawJsonResponse()
  @ApiOperation({ summary: 'The 30 regions with the greatest revenue (free)' })
  @ApiOkResponse({ type: RegionRevenueReport, headers: X_CACHE })
  async regionRevenue(@Res({ passthrough: true }) reply: FastifyReply): Promise<RawJson> {
    return sent(reply, await this.reports.regionRevenue())
  }

  @Get('v1/dashboard/overview')
  @Access('dashboards')
  @RawJsonResponse()
  @ApiOperation({ summary: 'The product report and the top customers together (free)' })
  @ApiOkResponse({ type: OverviewReport, headers: X_CACHE })
  async overview(@Res({ passthrough: true }) reply: FastifyReply): Promise<RawJson> {
    return sent(reply, await this.reports.overview())
  }

  @Get('v1/dashboard/products')
  @Access('dashboards')
  @RawJsonResponse()
  @ApiOperation({ summary: 'How many products there are, their stock, average price, and the newest (free)' })
  @ApiOkResponse({ type: ProductReport, headers: X_CACHE })
  async productReport(@Res({ passthrough: true }) reply: FastifyReply): Promise<RawJson> {
    return sent(reply, await this.reports.productReport())
  }

  @Get('v1/dashboard/top-customers')
  @Access('dashboards')
  @RawJsonResponse()
  @ApiOperation({ summary: 'The customers who spent most (free)' })
  @ApiOkResponse({ type: TopCustomersReport, headers: X_CACHE })
  @ApiProblems('VALIDATION_FAILED')
  async topCustomers(
    @Query() { limit }: TopCustomersQuery,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<RawJson> {
    return sent(reply, await this.reports.topCustomers(limit))
  }
}

function sent(reply: FastifyReply, { json, hit }: CachedReport): RawJson {
  void reply.header('x-cache', hit ? 'hit' : 'miss')
  return json
}
