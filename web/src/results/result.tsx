import { Stack, Text } from '@mantine/core'
import { Suspense, useMemo } from 'react'
import { lazyPart } from '../components/lazy-part'
import { Placeholder } from '../components/placeholder'
import type { PartProps } from './result-props'
import type { ResultView } from './result-view'
import { fittingView } from './views-for'

const ResultChart = lazyPart(() => import('./result-chart'))
const RowsTable = lazyPart(() => import('./rows-table'))
const ComparisonTable = lazyPart(() => import('./comparison-table'))
const PivotTable = lazyPart(() => import('./pivot-table'))
const Figures = lazyPart(() => import('./figures'))

/** A result as its view wants it, or as it can have it where the view does not suit. */
export function Result({ view: wanted, result, ...props }: Omit<PartProps, 'view'> & { view?: ResultView }) {
  const view = useMemo(() => fittingView(wanted, result), [wanted, result])
  if (result.rows.length === 0) return <Text size="sm">No rows match the query.</Text>
  return (
    <Suspense fallback={<Placeholder height={props.height ?? 320} />}>
      <Stack gap="xs" miw={0}>
        <Part view={view} result={result} {...props} />
      </Stack>
    </Suspense>
  )
}

function Part(props: PartProps) {
  const isCompared = props.result.query.timeDimension?.compareDateRange !== undefined
  switch (props.view.type) {
    case 'table':
      return isCompared ? <ComparisonTable {...props} /> : <RowsTable {...props} />
    case 'pivot':
      return <PivotTable {...props} />
    case 'figure':
      return <Figures {...props} />
    default:
      return <ResultChart {...props} />
  }
}
