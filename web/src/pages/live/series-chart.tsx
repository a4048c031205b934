import { Select, Text } from '@mantine/core'
import { useMemo } from 'react'
import { useSearchParams } from 'react-router'
import { Chart } from '../../charts/chart'
import { formatCompact, formatTime } from '../../components/format'
import { Section } from '../../components/section'
import type { LiveFigures, Point } from '../../live/live-metrics'

const NONE: readonly Point[] = []

/** The last hundred numbers of one `type.key`; which one is in the address. */
export function SeriesChart({ series }: { series: LiveFigures['series'] }) {
  const [parameters, setParameters] = useSearchParams()
  const names = [...series.keys()].sort()
  const name = parameters.get('value') ?? names[0]
  const points = (name !== undefined && series.get(name)) || NONE
  return (
    <Section
      title="One value"
      description="Event by event: the last hundred."
      actions={
        <Select
          size="xs"
          aria-label="Value to show"
          searchable
          data={name === undefined || series.has(name) ? names : [name, ...names]}
          value={name ?? null}
          onChange={(value) => setParameters(value ? { value } : {}, { replace: true })}
          allowDeselect={false}
        />
      }
    >
      {name === undefined ? (
        <Text size="sm" c="dimmed">
          No event carried a number yet.
        </Text>
      ) : (
        <Points name={name} points={points} />
      )}
    </Section>
  )
}

function Points({ name, points }: { name: string; points: readonly Point[] }) {
  const labels = useMemo(() => points.map(({ timestamp }) => formatTime(timestamp)), [points])
  const series = useMemo(() => [{ label: name, values: points.map(({ value }) => value) }], [name, points])
  return (
    <Chart
      kind="line"
      label={`The last values of ${name}`}
      labels={labels}
      series={series}
      formatValue={formatCompact}
      animate={false}
    />
  )
}
