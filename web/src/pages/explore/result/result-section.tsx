import { useMemo, useState } from 'react'
import { Group, Stack, Text, VisuallyHidden } from '@mantine/core'
import { formatDuration, formatInstant, formatInteger } from '../../../components/format'
import { Section } from '../../../components/section'
import { useCurrentSession } from '../../../session/session-context'
import { creditsText } from '../credits'
import type { Dataset } from '../datasets'
import { Result } from '../../../results/result'
import { resultOf } from '../../../results/result-data'
import type { ResultView } from '../../../results/result-view'
import { ViewPicker } from '../../../results/view-picker'
import type { QueryResponse, useQueryResult } from '../use-query-result'

interface ResultSectionProps {
  result: ReturnType<typeof useQueryResult>
  datasets: Dataset[]
}

export function ResultSection({
  result: { executed, executedAt, isCurrent, isPending },
  datasets,
}: ResultSectionProps) {
  const [view, setView] = useState<ResultView>()
  const dataset = datasets.find(({ name }) => name === executed?.query.dataset)
  const data = useMemo(
    () => executed && dataset && resultOf(executed.query, executed.response, dataset.members),
    [executed, dataset],
  )
  return (
    <>
      <VisuallyHidden role="status">{announcement(executed?.response, isPending)}</VisuallyHidden>
      {executed && data && (
        <Section title="Result" description={<Facts result={executed.response} executedAt={executedAt} />}>
          {!isCurrent && (
            <Text size="sm" fw={500}>
              This is the result of the query before it was changed. Run it to see the new result.
            </Text>
          )}
          {executed.response.data.length === 0 ? (
            <Text size="sm">No rows match the query. Widen the range or remove a filter.</Text>
          ) : (
            <Stack gap="sm" key={executed.response.query.id}>
              <ViewPicker result={data} view={view} onChange={setView} />
              <Result result={data} view={view} />
            </Stack>
          )}
        </Section>
      )}
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
  return (
    <Group gap={4} className="figures">
      {facts.join(' · ')}
    </Group>
  )
}

function announcement(result: QueryResponse | undefined, isPending: boolean): string {
  if (isPending) return 'The query is running.'
  return result ? `The query returned ${formatInteger(result.page.returned)} rows.` : ''
}
