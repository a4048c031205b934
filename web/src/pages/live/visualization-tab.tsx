import { SimpleGrid, Stack } from '@mantine/core'
import { formatDecimal, formatInteger } from '../../components/format'
import { StatTile } from '../../components/stat-tile'
import { SLICE_MS, type Slice } from '../../live/live-window'
import { MetricComparison } from './metric-comparison'
import { OmittedNote } from './omitted-note'
import { Regions } from './regions'
import type { TabProps } from './tab-props'

/** The last minute, in slices. */
const MINUTE = 12

export function VisualizationTab({ figures, slices }: TabProps) {
  const minute = slices.slice(-MINUTE).filter(({ isWhole }) => isWhole)
  const span = `the last ${(minute.length * SLICE_MS) / 1000} seconds`
  return (
    <Stack>
      <OmittedNote slices={slices} />
      <SimpleGrid cols={{ base: 2, md: 4 }}>
        <StatTile
          label="Events per second"
          value={formatDecimal(figures.eventsPerSecond)}
          hint="the last ten seconds"
        />
        <StatTile label="Events" value={formatInteger(sumOf(minute, 'events'))} hint={span} />
        <StatTile label="Sales amount" value={formatDecimal(sumOf(minute, 'amount'))} hint={span} />
        <StatTile label="Active users" value={formatInteger(minute.at(-2)?.users ?? 0)} hint="within five seconds" />
      </SimpleGrid>
      <Regions regions={figures.regions} />
      <MetricComparison series={figures.series} />
    </Stack>
  )
}

function sumOf(slices: readonly Slice[], field: 'amount' | 'events'): number {
  return slices.reduce((sum, slice) => sum + slice[field], 0)
}
