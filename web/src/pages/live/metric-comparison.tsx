import { MultiSelect, Text } from '@mantine/core'
import { useMemo } from 'react'
import { useSearchParams } from 'react-router'
import { Chart } from '../../charts/chart'
import { formatCompact } from '../../components/format'
import { Section } from '../../components/section'
import type { LiveFigures, Point } from '../../live/live-metrics'

const FIRST_CHOICE = 4
const MOST_CHOSEN = 8

/** Lowest, mean, highest and last of some values side by side; which ones is in the address. */
export function MetricComparison({ series }: { series: LiveFigures['series'] }) {
  const [parameters, setParameters] = useSearchParams()
  const names = [...series.keys()].sort()
  const asked = parameters.getAll('compare').filter(Boolean)
  const chosen = asked.length > 0 ? asked : names.slice(0, FIRST_CHOICE)
  return (
    <Section title="Metric comparison" description="Of the last hundred events with each value.">
      {names.length === 0 ? (
        <Text size="sm" c="dimmed">
          No event carried a number yet.
        </Text>
      ) : (
        <>
          <MultiSelect
            label="Values to compare"
            searchable
            maxValues={MOST_CHOSEN}
            data={[...new Set([...chosen, ...names])].sort()}
            value={chosen}
            onChange={(next) => setParameters(new URLSearchParams(next.map((name) => ['compare', name])), { replace: true })}
          />
          <Comparison names={chosen} series={series} />
        </>
      )}
    </Section>
  )
}

function Comparison({ names, series }: { names: string[]; series: LiveFigures['series'] }) {
  const bars = useMemo(() => barsOf(names.map((name) => series.get(name) ?? [])), [names, series])
  return (
    <Chart
      kind="bar"
      label="Lowest, mean, highest and last value of each metric"
      labels={names}
      series={bars}
      formatValue={formatCompact}
      animate={false}
    />
  )
}

function barsOf(all: (readonly Point[])[]) {
  const figures = all.map((points) => {
    const values = points.map(({ value }) => value)
    if (values.length === 0) return { lowest: null, mean: null, highest: null, last: null }
    return {
      lowest: Math.min(...values),
      mean: values.reduce((sum, value) => sum + value, 0) / values.length,
      highest: Math.max(...values),
      last: values.at(-1)!,
    }
  })
  return [
    { label: 'Lowest', values: figures.map(({ lowest }) => lowest) },
    { label: 'Mean', values: figures.map(({ mean }) => mean) },
    { label: 'Highest', values: figures.map(({ highest }) => highest) },
    { label: 'Last', values: figures.map(({ last }) => last) },
  ]
}
