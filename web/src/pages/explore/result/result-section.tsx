import { Group, Text, VisuallyHidden } from '@mantine/core'
import { formatDuration, formatInstant, formatInteger } from '../../../components/format'
import { Section } from '../../../components/section'
import { creditsText } from '../credits'
import type { Dataset } from '../datasets'
import type { Answer, useAnswer } from '../use-answer'
import { AnswerChart } from './answer-chart'
import { AnswerTable } from './answer-table'

interface AnswerSectionProps {
  answer: ReturnType<typeof useAnswer>
  datasets: Dataset[]
}

export function AnswerSection({ answer: { asked, askedAt, isCurrent, isPending }, datasets }: AnswerSectionProps) {
  const dataset = datasets.find(({ name }) => name === asked?.question.dataset)
  return (
    <>
      <VisuallyHidden role="status">{spoken(asked?.answer, isPending)}</VisuallyHidden>
      {asked && dataset && (
        <Section title="Answer" description={<Facts answer={asked.answer} askedAt={askedAt} />}>
          {!isCurrent && (
            <Text size="sm" fw={500}>
              This answers the question as it was before it was changed. Run it to see the new answer.
            </Text>
          )}
          {asked.answer.data.length === 0 ? (
            <Text size="sm">No row fits the question. Widen the range or take a filter away.</Text>
          ) : (
            <div key={asked.answer.query.id}>
              <AnswerChart asked={asked} dataset={dataset} />
              <AnswerTable answer={asked.answer} dataset={dataset} />
            </div>
          )}
        </Section>
      )}
    </>
  )
}

function Facts({ answer: { page, query, credits }, askedAt }: { answer: Answer; askedAt: number }) {
  const rows = `${formatInteger(page.returned)} ${page.returned === 1 ? 'row' : 'rows'}`
  const of = page.total === null ? '' : ` of ${formatInteger(page.total)}`
  const cut = page.returned === page.limit && page.total === null ? ', cut at the limit' : ''
  const facts = [
    `${rows}${of}${cut}`,
    query.cached ? 'from the cache' : `${formatInteger(query.rowsRead)} rows read`,
    query.elapsedMs < 10 ? `${query.elapsedMs.toFixed(1)} ms` : formatDuration(query.elapsedMs),
    `${creditsText(credits.charged)} charged, ${formatInteger(credits.remaining)} left`,
    `asked ${formatInstant(new Date(askedAt).toISOString())}`,
  ]
  return (
    <Group gap={4} className="figures">
      {facts.join(' · ')}
    </Group>
  )
}

function spoken(answer: Answer | undefined, isPending: boolean): string {
  if (isPending) return 'The question is being answered.'
  return answer ? `Answered with ${formatInteger(answer.page.returned)} rows.` : ''
}
