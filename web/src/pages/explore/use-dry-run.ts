import { useDebouncedValue } from '@mantine/hooks'
import { useQuery } from '@tanstack/react-query'
import { request } from '../../api/http'
import { gapsOf, isBlank, parseQuestion, textOf, type Question } from './question'

export interface DryRun {
  sql: string
  params: Record<string, unknown>
  costCredits: number
  estimatedRows: number
}

const QUIET_MS = 400

/** What a question would cost, and what is wrong with it; free. */
export function useDryRun(question: Question) {
  const isReady = !isBlank(question) && gapsOf(question).length === 0
  const [text] = useDebouncedValue(textOf(question), QUIET_MS)
  return useQuery({
    queryKey: ['dry-run', text],
    queryFn: ({ signal }) => request<DryRun>('POST', '/v1/query/dry-run', { body: parseQuestion(text), signal }),
    enabled: isReady && text === textOf(question),
    placeholderData: (previous) => previous,
  })
}
