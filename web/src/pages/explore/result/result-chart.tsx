import { Group, NativeSelect, SegmentedControl, Stack, Text } from '@mantine/core'
import { useMemo, useState } from 'react'
import { Chart } from '../../../charts/chart'
import { titleOf, type Dataset } from '../datasets'
import type { Asked } from '../use-answer'
import { chartOf, kindsOf, type ChartKind, type Drawn } from './chart-of'
import { formatShort } from './figures'

const NAMES: Record<ChartKind, string> = { line: 'Line', bar: 'Bars', doughnut: 'Ring' }
/** Names longer than that, or more of them, stand better beside lying bars. */
const LONG_NAME = 14
const MANY_BARS = 8
const BAR_HEIGHT = 26

/** The answer as a picture, where it can be one. */
export function AnswerChart({ asked, dataset }: { asked: Asked; dataset: Dataset }) {
  const kinds = kindsOf(asked)
  const measures = asked.question.measures ?? []
  const [kind, setKind] = useState(kinds[0])
  const [measure, setMeasure] = useState(measures[0] ?? '')
  const picture = useMemo(() => nameless(chartOf(asked, measure), titleOf(measure, dataset)), [asked, measure, dataset])
  if (!kind) return null
  const lies = kind === 'bar' && !asked.question.timeDimension?.granularity && areLong(picture.labels)
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
            aria-label="Figure in the chart"
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
        label={`${titleOf(measure, dataset)}, as asked`}
        labels={picture.labels}
        series={picture.series}
        horizontal={lies}
        formatValue={formatShort}
        height={lies ? Math.max(200, picture.labels.length * BAR_HEIGHT + 60) : 300}
      />
      {picture.left > 0 && (
        <Text size="xs" c="dimmed">
          The chart shows the first groups and the largest series only; the table has all of them.
        </Text>
      )}
    </Stack>
  )
}

/** A single series is called by its figure. */
function nameless(drawn: Drawn, title: string): Drawn {
  return { ...drawn, series: drawn.series.map((each) => ({ ...each, label: each.label || title })) }
}

function areLong(labels: string[]): boolean {
  return labels.length > MANY_BARS || labels.some((label) => label.length > LONG_NAME)
}
