import { SimpleGrid, Stack } from '@mantine/core'
import { useMemo } from 'react'
import { Chart } from '../../charts/chart'
import type { Series } from '../../charts/chart-props'
import { formatCompact, formatTime } from '../../components/format'
import { Section } from '../../components/section'
import { SLICE_MS } from '../../live/live-window'
import { OmittedNote } from './omitted-note'
import { SeriesChart } from './series-chart'
import type { TabProps } from './tab-props'

const EVERY = `in every ${SLICE_MS / 1000} seconds, the last five minutes`

/** How it flows: sums over short spans of time, and any one value as it comes. */
export function StreamTab({ figures, slices }: TabProps) {
  const labels = useMemo(() => slices.map(({ startMs }) => formatTime(new Date(startMs).toISOString())), [slices])
  const amounts = useMemo(
    () => [{ label: 'Sales amount', values: slices.map(({ isWhole, amount }) => (isWhole ? amount : null)) }],
    [slices],
  )
  const users = useMemo(
    () => [{ label: 'Active users', values: slices.map(({ isWhole, users: count }) => (isWhole ? count : null)) }],
    [slices],
  )
  return (
    <Stack>
      <OmittedNote slices={slices} />
      <SimpleGrid cols={{ base: 1, lg: 2 }}>
        <Flow title="Sales amount" description={`Sum of values.amount ${EVERY}.`} labels={labels} series={amounts} />
        <Flow title="Active users" description={`Different values.user ${EVERY}.`} labels={labels} series={users} />
      </SimpleGrid>
      <SeriesChart series={figures.series} />
    </Stack>
  )
}

interface FlowProps {
  title: string
  description: string
  labels: string[]
  series: Series[]
}

function Flow({ title, description, labels, series }: FlowProps) {
  return (
    <Section title={title} description={description}>
      <Chart kind="line" label={title} labels={labels} series={series} formatValue={formatCompact} animate={false} />
    </Section>
  )
}
