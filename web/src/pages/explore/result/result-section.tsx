import { Text, VisuallyHidden } from '@mantine/core'
import { useMemo, useState } from 'react'
import { formatDuration, formatInstant, formatInteger } from '../../../components/format'
import { Section } from '../../../components/section'
import { Result } from '../../../results/result'
import { resultOf, type ResultRow } from '../../../results/result-data'
import type { ResultView } from '../../../results/result-view'
import { fittingView } from '../../../results/views-for'
import { useCurrentSession } from '../../../session/session-context'
import { creditsText } from '../credits'
import type { Dataset } from '../datasets'
import type { ExploreQuery } from '../query'
import type { ExecutedQuery, QueryResponse, useQueryResult } from '../use-query-result'
import { CutNote } from './cut-note'
import { DrillDialog } from './drill-dialog'
import { EmptyResult } from './empty-result'
import { ResultToolbar } from './result-toolbar'
import { SortNote } from './sort-note'
import { totalQueries } from './total-queries'
import { TotalsNote } from './totals-note'
import { useTotals } from './use-totals'

interface ResultSectionProps {
  /** as it is now, which may not be the one of the result */
  query: ExploreQuery
  result: ReturnType<typeof useQueryResult>
  datasets: Dataset[]
  view: ResultView | undefined
  /** of the query as it is now */
  costCredits: number
  onView: (view: ResultView) => void
  onOpen: (query: ExploreQuery, view?: ResultView) => void
}

export function ResultSection({
  result: { executed, executedAt, isCurrent, isPending },
  ...props
}: ResultSectionProps) {
  const dataset = props.datasets.find(({ name }) => name === executed?.query.dataset)
  return (
    <>
      <VisuallyHidden role="status">{announcement(executed?.response, isPending)}</VisuallyHidden>
      {executed && dataset ? (
        <Section title="Result" description={<Facts result={executed.response} executedAt={executedAt} />}>
          {!isCurrent && (
            <Text size="sm" fw={500}>
              This is the result of the query before it was changed. Run it to see the new result.
            </Text>
          )}
          {executed.response.data.length === 0 ? (
            <EmptyResult query={executed.query} current={props.query} dataset={dataset} onOpen={props.onOpen} />
          ) : (
            <Shown key={executed.response.query.id} executed={executed} dataset={dataset} {...props} />
          )}
        </Section>
      ) : (
        <Section title="Result">
          <Text size="sm" c="dimmed">
            {isPending ? 'The query is running.' : 'Run the query to see its result here.'}
          </Text>
        </Section>
      )}
    </>
  )
}

type ShownProps = Pick<ResultSectionProps, 'view' | 'costCredits' | 'onView' | 'onOpen'> & {
  executed: ExecutedQuery
  dataset: Dataset
}

function Shown({ executed: { query, response }, dataset, view: wanted, costCredits, onView, onOpen }: ShownProps) {
  const result = useMemo(() => resultOf(query, response, dataset.members), [query, response, dataset])
  const view = useMemo(() => fittingView(wanted, result), [wanted, result])
  const [opened, setOpened] = useState<ResultRow>()
  const [sorted, setSorted] = useState<[string, 'asc' | 'desc']>()
  const queries = totalQueries(query, result, view)
  const totals = useTotals(queries, JSON.stringify(queries))
  return (
    <>
      <ResultToolbar {...{ query, result, view, costCredits, onView }} />
      <Result result={result} view={view} totals={totals.totals} onDrill={setOpened} onSort={setSorted} />
      {queries.length > 0 && !totals.totals && <TotalsNote totals={totals} queries={queries.length} />}
      <CutNote result={result} onLimit={(limit) => onOpen({ ...query, limit }, view)} />
      {result.isCut && sorted && view.type === 'table' && (
        <SortNote {...{ result, sorted }} onOrder={() => onOpen({ ...query, order: [sorted] })} />
      )}
      <DrillDialog {...{ query, result, view, dataset, onOpen }} row={opened} onClose={() => setOpened(undefined)} />
    </>
  )
}

function Facts({ result: { page, query, credits }, executedAt }: { result: QueryResponse; executedAt: number }) {
  const hasAccount = useCurrentSession().userId !== null
  const rows = `${formatInteger(page.returned)} ${page.returned === 1 ? 'row' : 'rows'}`
  const of = page.total === null ? '' : ` of ${formatInteger(page.total)}`
  const cut = page.returned === page.limit && page.total === null ? ', cut at the limit' : ''
  const facts = [
    `${rows}${of}${cut}`,
    query.cached ? 'from the cache' : `${formatInteger(query.rowsRead)} rows read`,
    query.elapsedMs < 10 ? `${query.elapsedMs.toFixed(1)} ms` : formatDuration(query.elapsedMs),
    hasAccount
      ? `${creditsText(credits.charged)} charged, ${formatInteger(credits.remaining)} left`
      : 'free with the root key',
    `executed ${formatInstant(new Date(executedAt).toISOString())}`,
  ]
  return <span className="figures">{facts.join(' · ')}</span>
}

function announcement(result: QueryResponse | undefined, isPending: boolean): string {
  if (isPending) return 'The query is running.'
  return result ? `The query returned ${formatInteger(result.page.returned)} rows.` : ''
}
