import { SimpleGrid, Stack } from '@mantine/core'
import { useMemo } from 'react'
import { Chart } from '../../charts/chart'
import { formatCompact, formatDecimal, formatInteger } from '../../components/format'
import { Section } from '../../components/section'
import { StatTile } from '../../components/stat-tile'
import { LatestEvents } from './latest-events'
import { RecentValues } from './recent-values'
import type { TabProps } from './tab-props'

const MOST_BARS = 12

/** What comes in: how much, of what, and the last values. */
export function EngineeringTab({ figures }: TabProps) {
  return (
    <Stack>
      <SimpleGrid cols={{ base: 2, md: 4 }}>
        <StatTile label="Total events" value={formatInteger(figures.totalEvents)} />
        <StatTile
          label="Events per second"
          value={formatDecimal(figures.eventsPerSecond)}
          hint="the last ten seconds"
        />
        <StatTile label="Types" value={formatInteger(figures.eventsByType.size)} />
        <StatTile label="Sources" value={formatInteger(figures.eventsBySource.size)} />
      </SimpleGrid>
      <SimpleGrid cols={{ base: 1, md: 2 }}>
        <Counts title="Events by type" counts={figures.eventsByType} />
        <Counts title="Events by source" counts={figures.eventsBySource} />
      </SimpleGrid>
      <RecentValues values={figures.recentValues} />
      <LatestEvents events={figures.latestEvents} />
    </Stack>
  )
}

function Counts({ title, counts }: { title: string; counts: ReadonlyMap<string, number> }) {
  const { labels, series } = useMemo(() => {
    const most = [...counts].sort(([, a], [, b]) => b - a).slice(0, MOST_BARS)
    return {
      labels: most.map(([name]) => name),
      series: [{ label: 'Events', values: most.map(([, events]) => events) }],
    }
  }, [counts])
  return (
    <Section title={title} description={counts.size > MOST_BARS && `the ${MOST_BARS} most frequent of ${counts.size}`}>
      <Chart
        kind="bar"
        label={title}
        labels={labels}
        series={series}
        horizontal
        formatValue={formatCompact}
        animate={false}
      />
    </Section>
  )
}
