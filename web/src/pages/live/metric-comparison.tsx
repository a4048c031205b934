import { MultiSelect, SegmentedControl, Text } from '@mantine/core'
import { useMemo } from 'react'
import { useSearchParams } from 'react-router'
import { Chart } from '../../charts/chart'
import { DataTable, type Column } from '../../components/data-table'
import { formatCompact, formatMeasured, formatPercent } from '../../components/format'
import { Section } from '../../components/section'
import type { LiveFigures, Point } from '../../live/live-metrics'

/** null: no event carried it yet */
interface Metric {
  name: string
  lowest: number | null
  mean: number | null
  highest: number | null
  last: number | null
}

type Scale = 'own' | 'same'

const SCALES: { value: Scale; label: string }[] = [
  { value: 'own', label: 'Each on its own scale' },
  { value: 'same', label: 'One scale' },
]

const FIRST_CHOICE = 4
const MAX_CHOSEN = 8

const MEASURES: { label: string; of: (metric: Metric) => number | null }[] = [
  { label: 'Lowest', of: ({ lowest }) => lowest },
  { label: 'Mean', of: ({ mean }) => mean },
  { label: 'Highest', of: ({ highest }) => highest },
  { label: 'Last', of: ({ last }) => last },
]

const COLUMNS: Column<Metric>[] = [
  { title: 'Value', render: ({ name }) => <span className="breakable">{name}</span> },
  ...MEASURES.map(({ label, of }) => ({
    title: label,
    numeric: true,
    render: (metric: Metric) => {
      const value = of(metric)
      return value === null ? '–' : formatMeasured(value)
    },
  })),
]

/** Lowest, mean, highest and last of some values side by side; which ones, and on which scale, is in the address. */
export function MetricComparison({ series }: { series: LiveFigures['series'] }) {
  const [parameters, setParameters] = useSearchParams()
  const names = [...series.keys()].sort()
  const requested = parameters.getAll('compare').filter(Boolean)
  const chosen = requested.length > 0 ? requested : names.slice(0, FIRST_CHOICE)
  const scale = parameters.get('scale') === 'same' ? 'same' : 'own'
  const change = (name: string, values: string[]) =>
    setParameters(
      (current) => {
        current.delete(name)
        for (const value of values) current.append(name, value)
        return current
      },
      { replace: true },
    )
  return (
    <Section
      title="Metric comparison"
      description="Of the last hundred events with each value."
      actions={
        <SegmentedControl
          size="xs"
          aria-label="Scale of the comparison"
          value={scale}
          onChange={(next) => change('scale', next === 'same' ? [next] : [])}
          data={SCALES}
        />
      }
    >
      {names.length === 0 ? (
        <Text size="sm" c="dimmed">
          No event carried a number yet.
        </Text>
      ) : (
        <>
          <MultiSelect
            label="Values to compare"
            searchable
            maxValues={MAX_CHOSEN}
            data={[...new Set([...chosen, ...names])].sort()}
            value={chosen}
            onChange={(next) => change('compare', next)}
          />
          <Comparison names={chosen} series={series} scale={scale} />
        </>
      )}
    </Section>
  )
}

function Comparison({ names, series, scale }: { names: string[]; series: LiveFigures['series']; scale: Scale }) {
  const metrics = useMemo(() => names.map((name) => metricOf(name, series.get(name) ?? [])), [names, series])
  const bars = useMemo(
    () =>
      MEASURES.map(({ label, of }) => ({
        label,
        values: metrics.map((metric) => (scale === 'own' ? shareOf(metric, of(metric)) : of(metric))),
      })),
    [metrics, scale],
  )
  return (
    <>
      <Chart
        kind="bar"
        label={`Lowest, mean, highest and last value of each metric${scale === 'own' ? ', as shares of its largest' : ''}`}
        labels={names}
        series={bars}
        formatValue={scale === 'own' ? formatPercent : formatCompact}
        animate={false}
      />
      <DataTable label="Metrics" columns={COLUMNS} rows={metrics} rowKey={({ name }) => name} minWidth={460} />
    </>
  )
}

/** Of what is farthest from zero, so that small metrics are as tall as large ones. */
function shareOf({ lowest, highest }: Metric, value: number | null): number | null {
  const largest = Math.max(Math.abs(lowest ?? 0), Math.abs(highest ?? 0))
  return value === null || largest === 0 ? value : value / largest
}

function metricOf(name: string, points: readonly Point[]): Metric {
  const values = points.map(({ value }) => value)
  if (values.length === 0) return { name, lowest: null, mean: null, highest: null, last: null }
  return {
    name,
    lowest: Math.min(...values),
    mean: values.reduce((sum, value) => sum + value, 0) / values.length,
    highest: Math.max(...values),
    last: values.at(-1)!,
  }
}
