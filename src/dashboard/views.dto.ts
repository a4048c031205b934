import { ApiProperty } from '@nestjs/swagger'

export class ViewStatus {
  @ApiProperty({ example: 'mv_monthly_sales' }) name: string
  @ApiProperty({ description: 'since the last refresh', example: 48 }) rows: number
  @ApiProperty({ type: Number, nullable: true, description: 'of the last refresh', example: 35 })
  durationMs: number | null
  @ApiProperty({ type: String, nullable: true, format: 'date-time', example: '2026-01-31T12:00:00.000Z' })
  refreshedAt: string | null
  @ApiProperty({ type: String, nullable: true, description: 'of the last try, when it failed', example: null })
  lastError: string | null
  @ApiProperty({ type: String, nullable: true, format: 'date-time', example: null }) lastErrorAt: string | null
}

export class ViewStatuses {
  @ApiProperty({ type: String, nullable: true, format: 'date-time', example: '2026-01-31T12:00:00.000Z' })
  refreshedAt: string | null
  @ApiProperty({ type: [ViewStatus] }) data: ViewStatus[]
}

export class RefreshedViews extends ViewStatuses {
  @ApiProperty({ description: 'of all views together', example: 120 }) durationMs: number
}
