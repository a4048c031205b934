import { ApiExtraModels, ApiProperty, getSchemaPath, type ApiPropertyOptions } from '@nestjs/swagger'
import type { Metrics } from './metrics-state.js'

const VALUE = { oneOf: [{ type: 'string' as const }, { type: 'number' as const }, { type: 'boolean' as const }] }

const named = (values: Record<string, unknown>, example: unknown, description: string): ApiPropertyOptions => ({
  type: 'object',
  additionalProperties: values,
  example,
  description,
})

const OF_NAMES = 'the first 256 names that come; the rest together under `(other)`'

export class SeriesPoint {
  @ApiProperty({ format: 'date-time', example: '2026-01-31T12:00:00.000Z' }) timestamp: string
  @ApiProperty({ type: 'object', additionalProperties: VALUE, example: { amount: 12.5, region: 'EMEA' } })
  values: Record<string, string | number | boolean>
}

export class RegionMetrics {
  @ApiProperty({ example: 1200 }) events: number
  @ApiProperty({ description: 'sum of `values.amount`, as a double with four places', example: 15400.5 }) amount: number
}

@ApiExtraModels(SeriesPoint, RegionMetrics)
export class MetricsAnswer implements Metrics {
  @ApiProperty({ description: 'all events ever stored, exact', example: 4210 }) totalEvents: number
  @ApiProperty(named({ type: 'integer' }, { sale: 4000, visit: 210 }, OF_NAMES)) eventsByType: Record<string, number>
  @ApiProperty(named({ type: 'integer' }, { 'shop-1': 4210 }, OF_NAMES)) eventsBySource: Record<string, number>
  @ApiProperty({ description: 'mean of the last ten seconds', example: 12.4 }) eventsPerSecond: number
  @ApiProperty(
    named(VALUE, { 'sale.amount': 12.5 }, 'the last value of each `type.key`; of the 512 that were set last'),
  )
  recentValues: Metrics['recentValues']
  @ApiProperty(
    named(
      { type: 'array', items: { $ref: getSchemaPath(SeriesPoint) } },
      { sale: [{ timestamp: '2026-01-31T12:00:00.000Z', values: { amount: 12.5 } }] },
      'the last 100 events of each type, oldest first; of the 64 types that came last, at most 1 MiB of values',
    ),
  )
  timeSeries: Record<string, SeriesPoint[]>
  @ApiProperty(
    named(
      { $ref: getSchemaPath(RegionMetrics) },
      { EMEA: { events: 1200, amount: 15400.5 } },
      `by \`values.region\`; ${OF_NAMES}`,
    ),
  )
  regions: Record<string, RegionMetrics>
  @ApiProperty({ format: 'date-time', example: '2026-01-31T12:00:00.000Z' }) at: string
}
