import { Box, Skeleton, VisuallyHidden } from '@mantine/core'
import { Suspense } from 'react'
import type { Decimal } from '../api/http'
import { lazyPart } from '../components/lazy-part'
import type { ChartProps } from './chart-props'

const ChartCanvas = lazyPart(() => import('./chart-canvas'))

/** A table of thousands of lines that nobody sees would cost more time than the picture. */
const MAX_TABLE_ROWS = 500

/**
 * A picture of figures, with the same figures as a table for screen readers. Keep `labels`, `series` and `formatValue`
 * the same objects from one rendering to the next (useMemo), or it draws anew each time.
 */
export function Chart({ height = 280, ...chart }: ChartProps) {
  return (
    <figure className="chart" aria-label={chart.label}>
      <Box h={height} pos="relative">
        <Suspense fallback={<Skeleton h={height} />}>
          <ChartCanvas {...chart} />
        </Suspense>
      </Box>
      <VisuallyHidden>
        <Figures {...chart} />
      </VisuallyHidden>
    </figure>
  )
}

function Figures({ label, labels, series, formatValue = String, formatExact }: ChartProps) {
  const format = (value: Decimal, at: number) => formatExact?.(value, at) ?? formatValue(Number(value))
  return (
    <table>
      <caption>
        {label}
        {labels.length > MAX_TABLE_ROWS && ` (the first ${MAX_TABLE_ROWS} of ${labels.length})`}
      </caption>
      <thead>
        <tr>
          <th scope="col">Name</th>
          {series.map((each) => (
            <th key={each.label} scope="col">
              {each.label}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {labels.slice(0, MAX_TABLE_ROWS).map((name, row) => (
          <tr key={`${row} ${name}`}>
            <th scope="row">{name}</th>
            {series.map(({ label: title, values }, at) => (
              <td key={title}>{values[row] === null || values[row] === undefined ? '' : format(values[row], at)}</td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  )
}
