import { SimpleGrid } from '@mantine/core'
import { useMemo } from 'react'
import { Chart } from '../../charts/chart'
import { formatCompact, formatDuration, formatUtcDay } from '../../components/format'
import { Section } from '../../components/section'
import type { StatsDay } from './queries'

const HEIGHT = 220

export function TrafficCharts({ days }: { days: StatsDay[] }) {
  const charts = useMemo(() => chartsOf(days), [days])
  return (
    <SimpleGrid cols={{ base: 1, md: 3 }}>
      <Section title="Requests" description="by day, the last 30 days">
        <Chart
          kind="bar"
          label="Requests by day, those that failed apart"
          labels={charts.labels}
          series={charts.requests}
          stacked
          formatValue={formatCompact}
          height={HEIGHT}
        />
      </Section>
      <Section title="Credits" description="by day, the last 30 days">
        <Chart
          kind="bar"
          label="Credits used by day"
          labels={charts.labels}
          series={charts.credits}
          formatValue={formatCompact}
          height={HEIGHT}
        />
      </Section>
      <Section title="Latency" description="p95 of each day">
        <Chart
          kind="bar"
          label="p95 latency by day"
          labels={charts.labels}
          series={charts.p95}
          formatValue={formatDuration}
          height={HEIGHT}
        />
      </Section>
    </SimpleGrid>
  )
}

function chartsOf(days: StatsDay[]) {
  return {
    labels: days.map(({ date }) => formatUtcDay(date)),
    requests: [
      { label: 'Answered', values: days.map(({ requests, errors }) => requests - errors) },
      { label: 'Errors', values: days.map(({ errors }) => errors) },
    ],
    credits: [{ label: 'Credits', values: days.map(({ creditsUsed }) => creditsUsed) }],
    p95: [{ label: 'Within', values: days.map(({ p95Ms }) => p95Ms) }],
  }
}
