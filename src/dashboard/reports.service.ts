import { Injectable, type OnModuleInit } from '@nestjs/common'
import { OnEvent } from '@nestjs/event-emitter'
import { Notifications } from '../infrastructure/database/notifications.js'
import type { RawJson } from '../common/decorators/raw-json-response.decorator.js'
import { CATALOG_CHANGED, CATALOG_CHANNEL } from '../catalog/catalog-events.js'
import { CatalogVersion } from './catalog-version.js'
import { CurrentViews } from './current-views.js'
import { OrderReportsRepository } from './order-reports.repository.js'
import { ReportCache, type CachedReport } from './report-cache.js'
import type { CountryRevenueQuery } from './reports.dto.js'
import { ViewReportsRepository } from './view-reports.repository.js'

/** The dashboard's reports: those on the views change with a refresh, those on the order side with every change there. */
@Injectable()
export class ReportsService implements OnModuleInit {
  constructor(
    private readonly views: ViewReportsRepository,
    private readonly orders: OrderReportsRepository,
    private readonly reports: ReportCache,
    private readonly catalogVersion: CatalogVersion,
    private readonly notifications: Notifications,
    private readonly currentViews: CurrentViews,
  ) {}

  /** Changes that other instances made. */
  onModuleInit(): void {
    this.notifications.listen(CATALOG_CHANNEL, () => void this.catalogChanged())
  }

  countryRevenue(query: CountryRevenueQuery): Promise<CachedReport> {
    return this.onViews(`country-revenue:${JSON.stringify(query)}`, () => this.views.countryRevenue(query))
  }

  topProducts(): Promise<CachedReport> {
    return this.onViews('top-products', () => this.views.topProducts())
  }

  monthlySales(year?: number): Promise<CachedReport> {
    return this.onViews(`monthly-sales:${year ?? 'all'}`, () => this.views.monthlySales(year))
  }

  regionRevenue(): Promise<CachedReport> {
    return this.onViews('region-revenue', () => this.views.regionRevenue())
  }

  productReport(): Promise<CachedReport> {
    return this.onOrders('products', () => this.orders.productReport())
  }

  topCustomers(limit: number): Promise<CachedReport> {
    return this.onOrders(`top-customers:${limit}`, async () => `{"data":${await this.orders.topCustomers(limit)}}`)
  }

  overview(): Promise<CachedReport> {
    return this.onOrders('overview', async () => {
      const [products, customers] = await Promise.all([this.orders.productReport(), this.orders.topCustomers(10)])
      return `{"productReport":${products},"topCustomers":${customers}}`
    })
  }

  /** Awaited by whoever made the change, before it is answered: nobody who knows of it sees a report from before. */
  @OnEvent(CATALOG_CHANGED)
  catalogChanged(): Promise<void> {
    return this.catalogVersion.replace()
  }

  private async onViews(name: string, compute: () => Promise<RawJson>): Promise<CachedReport> {
    const { refresh, refreshedAt } = await this.currentViews.position()
    return this.reports.get(name, `views-${refresh}`, async () => withTime(await compute(), refreshedAt))
  }

  private async onOrders(name: string, compute: () => Promise<RawJson>): Promise<CachedReport> {
    const computeNow = async (): Promise<RawJson> => {
      const now = new Date()
      return withTime(await compute(), now)
    }
    // Without notifications nobody would tell of a change that another instance makes.
    const version = this.notifications.isListening() ? await this.catalogVersion.current() : undefined
    if (version === undefined) return { json: await computeNow(), hit: false }
    return this.reports.get(name, `catalog-${version}`, computeNow)
  }
}

/** `json` is an object with fields. */
function withTime(json: RawJson, refreshedAt: Date | null): RawJson {
  return `${json.slice(0, -1)},"refreshedAt":${JSON.stringify(refreshedAt)}}`
}
