import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger'
import { IsInt, IsOptional, Max, Min } from 'class-validator'
import { IsCleanText } from '../common/decorators/clean-text.decorator.js'
import { PageQuery, Pagination } from '../common/pagination.dto.js'
import { WholeNumber } from '../common/decorators/whole-number.decorator.js'

export class CountryRevenueQuery extends PageQuery {
  /**
   * One country, as it is written in the data
   * @example 'France'
   */
  @IsOptional()
  @IsCleanText(1024, 0)
  country?: string
}

export class MonthlySalesQuery {
  @ApiPropertyOptional({ example: 2024 })
  @IsOptional()
  @WholeNumber()
  @IsInt()
  @Min(1900)
  @Max(2299)
  year?: number
}

export class TopCustomersQuery {
  @ApiProperty({ required: false, minimum: 1, maximum: 500, default: 10 })
  @WholeNumber()
  @IsInt()
  @Min(1)
  @Max(500)
  limit: number = 10
}

/** Sums of counts, which may be larger than a double holds exactly. */
const INT64 = { type: 'integer', format: 'int64' } as const

class Report {
  @ApiProperty({
    type: String,
    nullable: true,
    format: 'date-time',
    description: 'as of when; null: nothing was ever loaded',
    example: '2026-01-31T12:00:00.000Z',
  })
  refreshedAt: string | null
}

export class CountryRevenue {
  @ApiProperty({ example: 'France' }) country: string
  @ApiProperty({ example: 'P-1' }) productId: string
  @ApiProperty({ example: 'Yo-yo' }) productName: string
  @ApiProperty({ format: 'decimal', example: 1234.56 }) totalRevenue: number
  @ApiProperty({ example: 17 }) transactions: number
}

export class CountryRevenueReport extends Report {
  @ApiProperty({ type: [CountryRevenue] }) data: CountryRevenue[]
  pagination: Pagination
}

export class TopProduct {
  @ApiProperty({ example: 'P-1' }) productId: string
  @ApiProperty({ example: 'Yo-yo' }) productName: string
  @ApiProperty({ ...INT64, description: 'items sold', example: 170 }) purchaseCount: number
  @ApiProperty({ description: 'of the record with the greatest AddedDate', example: 12 }) stockQuantity: number
}

export class TopProductsReport extends Report {
  @ApiProperty({ type: [TopProduct] }) data: TopProduct[]
}

export class MonthlySales {
  @ApiProperty({ example: '2024-01' }) month: string
  @ApiProperty({ example: 17 }) transactions: number
  @ApiProperty({ ...INT64, example: 170 }) itemsSold: number
  @ApiProperty({ format: 'decimal', example: 1234.56 }) revenue: number
}

export class MonthlySalesReport extends Report {
  @ApiProperty({ type: [MonthlySales] }) data: MonthlySales[]
}

export class RegionRevenue {
  @ApiProperty({ example: 'Europe' }) region: string
  @ApiProperty({ format: 'decimal', example: 1234.56 }) totalRevenue: number
  @ApiProperty({ ...INT64, example: 170 }) itemsSold: number
}

export class RegionRevenueReport extends Report {
  @ApiProperty({ type: [RegionRevenue] }) data: RegionRevenue[]
}

export class RecentProduct {
  @ApiProperty({ example: '019aa4c2-7a3e-7cc1-b0a5-3f6f3f0f5a11' }) id: string
  @ApiProperty({ example: 'Yo-yo' }) name: string
  @ApiProperty({ format: 'decimal', example: 19.99 }) price: number
  @ApiProperty({ example: 100 }) stockQuantity: number
  @ApiProperty({ example: '2026-01-31T12:00:00.000Z' }) createdAt: Date
}

export class ProductFigures {
  @ApiProperty({ example: 10_000 }) totalProducts: number
  @ApiProperty({ ...INT64, example: 500_000 }) totalStock: number
  @ApiProperty({
    type: Number,
    format: 'decimal',
    nullable: true,
    description: 'to 4 decimals; null without products',
    example: 24.9871,
  })
  averagePrice: number | null
  @ApiProperty({ type: [RecentProduct], description: 'the ten newest' }) recentProducts: RecentProduct[]
}

export class ProductReport extends ProductFigures {
  @ApiProperty({ format: 'date-time', example: '2026-01-31T12:00:00.000Z' }) refreshedAt: string
}

export class TopCustomer {
  @ApiProperty({ example: '019aa4c2-7a3e-7cc1-b0a5-3f6f3f0f5a11' }) id: string
  @ApiProperty({ example: 'Ada Buyer' }) name: string
  @ApiProperty({ format: 'decimal', example: 1234.56 }) totalSpent: number
  @ApiProperty({ example: 12 }) totalOrders: number
}

export class TopCustomersReport {
  @ApiProperty({ type: [TopCustomer] }) data: TopCustomer[]
  @ApiProperty({ format: 'date-time', example: '2026-01-31T12:00:00.000Z' }) refreshedAt: string
}

export class OverviewReport {
  productReport: ProductFigures
  @ApiProperty({ type: [TopCustomer], description: 'the ten who spent most' }) topCustomers: TopCustomer[]
  @ApiProperty({ format: 'date-time', example: '2026-01-31T12:00:00.000Z' }) refreshedAt: string
}
