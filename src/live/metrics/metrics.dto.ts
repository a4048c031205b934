import { ApiExtraModels, ApiProperty, getSchemaPath, type ApiPropertyOptions } from '@nestjs/swagger'
import type { ChangedMetrics } from './metrics-changes.js'
import type { Metrics } from './metrics-state.js'

const VALUES = [{ type: 'string' }, { type: 'number', format: 'decimal' }, { type: 'boolean' }]
const VALUE = { oneOf: VALUES }

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
  @ApiProperty({ format: 'double', description: 'sum of `values.amount`, with four places', example: 15400.5 })
  amount: number
}

class MetricsTotals {
  @ApiProperty({ description: 'all events ever stored, exact', example: 4210 }) totalEvents: number
  @ApiProperty({ format: 'double', description: 'mean of the last ten seconds', example: 12.4 }) eventsPerSecond: number
  @ApiProperty({ example: '2026-01-31T12:00:00.000Z' }) at: string
}

const COUNT = { type: 'integer' }
const REGION = { $ref: getSchemaPath(RegionMetrics) }
const EXAMPLES = {
  eventsByType: { sale: 4000, visit: 210 },
  eventsBySource: { 'shop-1': 4210 },
  recentValues: { 'sale.amount': 12.5 },
  regions: { EMEA: { events: 1200, amount: 15400.5 } },
}

@ApiExtraModels(SeriesPoint, RegionMetrics)
export class MetricsResponse extends MetricsTotals implements Metrics {
  @ApiProperty(named(COUNT, EXAMPLES.eventsByType, OF_NAMES)) eventsByType: Record<string, number>
  @ApiProperty(named(COUNT, EXAMPLES.eventsBySource, OF_NAMES)) eventsBySource: Record<string, number>
  @ApiProperty(named(VALUE, EXAMPLES.recentValues, 'the last value of each `type.key`; of the 512 that were set last'))
  recentValues: Metrics['recentValues']
  @ApiProperty(
    named(
      { type: 'array', items: { $ref: getSchemaPath(SeriesPoint) } },
      { sale: [{ timestamp: '2026-01-31T12:00:00.000Z', values: { amount: 12.5 } }] },
      'the last 100 events of each type, oldest first; of the 64 types that came last, at most 1 MiB of values',
    ),
  )
  timeSeries: Record<string, SeriesPoint[]>
  @ApiProperty(named(REGION, EXAMPLES.regions, `by \`values.region\`; ${OF_NAMES}`))
  regions: Record<string, RegionMetrics>
}

const CHANGED = 'those that changed; null: gone'
const COUNT_OR_NULL = { ...COUNT, nullable: true }
const VALUE_OR_NULL = { oneOf: VALUES.map((value) => ({ ...value, nullable: value.type === 'string' })) }

/** The data of a `metrics` frame. */
export class ChangedMetricsResponse extends MetricsTotals implements ChangedMetrics {
  @ApiProperty(named(COUNT_OR_NULL, EXAMPLES.eventsByType, CHANGED)) eventsByType: Record<string, number | null>
  @ApiProperty(named(COUNT_OR_NULL, EXAMPLES.eventsBySource, CHANGED)) eventsBySource: Record<string, number | null>
  @ApiProperty(named(VALUE_OR_NULL, EXAMPLES.recentValues, CHANGED))
  recentValues: Record<string, string | number | boolean | null>
  @ApiProperty(named({ type: 'object', nullable: true, allOf: [REGION] }, EXAMPLES.regions, CHANGED))
  regions: Record<string, RegionMetrics | null>
}
