import { SimpleGrid, Stack } from '@mantine/core'
import { formatDecimal, formatInteger } from '../../components/format'
import { StatTile } from '../../components/stat-tile'
import type { Slice } from '../../live/live-window'
import { MetricComparison } from './metric-comparison'
import { Regions } from './regions'
import type { TabProps } from './tab-props'

/** The last minute, in slices. */
const MINUTE = 12

export function VisualizationTab({ figures, slices }: TabProps) {
  const minute = slices.slice(-MINUTE)
  const sales = sumOf(minute, 'amount')
  return (
    <Stack>
      <SimpleGrid cols={{ base: 2, md: 4 }}>
        <StatTile label="Events per second" value={formatDecimal(figures.eventsPerSecond)} hint="the last ten seconds" />
        <StatTile label="Events in the last minute" value={formatInteger(sumOf(minute, 'events'))} />
        <StatTile label="Sales in the last minute" value={formatDecimal(sales)} hint="sum of values.amount" />
        <StatTile label="Active users" value={formatInteger(minute.at(-2)?.users ?? 0)} hint="in five seconds" />
      </SimpleGrid>
      <Regions regions={figures.regions} />
      <MetricComparison series={figures.series} />
    </Stack>
  )
}

function sumOf(slices: readonly Slice[], field: 'amount' | 'events'): number {
  return slices.reduce((sum, slice) => sum + slice[field], 0)
}
