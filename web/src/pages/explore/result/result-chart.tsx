import { Group, NativeSelect, SegmentedControl, Stack, Text } from '@mantine/core'
import { useMemo, useState } from 'react'
import { Chart } from '../../../charts/chart'
import { titleOf, type Dataset } from '../datasets'
import type { ExecutedQuery } from '../use-query-result'
import { chartOf, kindsOf, type ChartKind, type Drawn } from './chart-of'
import { formatShort } from './number-format'

const NAMES: Record<ChartKind, string> = { line: 'Line', bar: 'Bars', doughnut: 'Ring' }
/** Names longer than that, or more of them, stand better beside lying bars. */
const LONG_NAME = 14
const MANY_BARS = 8
const BAR_HEIGHT = 26

/** The result as a chart, where it can be one. */
export function ResultChart({ executed, dataset }: { executed: ExecutedQuery; dataset: Dataset }) {
  const kinds = kindsOf(executed)
  const measures = executed.query.measures ?? []
  const [kind, setKind] = useState(kinds[0])
  const [measure, setMeasure] = useState(measures[0] ?? '')
  const drawn = useMemo(
    () => withSeriesName(chartOf(executed, measure), titleOf(measure, dataset)),
    [executed, measure, dataset],
  )
  if (!kind) return null
  const isHorizontal = kind === 'bar' && !executed.query.timeDimension?.granularity && areLong(drawn.labels)
  return (
    <Stack gap="xs" mb="md">
      <Group gap="sm">
        {kinds.length > 1 && (
          <SegmentedControl
            size="xs"
            aria-label="Kind of chart"
            value={kind}
            onChange={(value) => setKind(value)}
            data={kinds.map((value) => ({ value, label: NAMES[value] }))}
          />
        )}
        {measures.length > 1 && (
          <NativeSelect
            size="xs"
            aria-label="Measure in the chart"
            value={measure}
            onChange={(event) => setMeasure(event.currentTarget.value)}
            data={measures.map((name) => ({ value: name, label: titleOf(name, dataset) }))}
          />
        )}
      </Group>
      <Chart
        // Another kind of chart cannot take over the canvas of the one before.
        key={kind}
        kind={kind}
        label={`${titleOf(measure, dataset)}, in the order of the query`}
        labels={drawn.labels}
        series={drawn.series}
        horizontal={isHorizontal}
        formatValue={formatShort}
        height={isHorizontal ? Math.max(200, drawn.labels.length * BAR_HEIGHT + 60) : 300}
      />
      {drawn.left > 0 && (
        <Text size="xs" c="dimmed">
          The chart shows the first groups and the largest series only; the table has all of them.
        </Text>
      )}
    </Stack>
  )
}

/** A single series has the name of its measure. */
function withSeriesName(drawn: Drawn, title: string): Drawn {
  return { ...drawn, series: drawn.series.map((each) => ({ ...each, label: each.label || title })) }
}

function areLong(labels: string[]): boolean {
  return labels.length > MANY_BARS || labels.some((label) => label.length > LONG_NAME)
}
