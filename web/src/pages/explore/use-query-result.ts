import { skipToken, useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useRef, useState } from 'react'
import { ApiProblem, request, type Decimal } from '../../api/http'
import { ME_KEY, useMe, type Me } from './credits'
import { textOf, type Question } from './question'

export interface Answer {
  data: Record<string, Decimal | boolean | null>[]
  columns: { name: string; type: string }[]
  page: { limit: number; offset: number; returned: number; total: number | null }
  query: { id: string; dataset: string; cached: boolean; elapsedMs: number; rowsRead: number }
  credits: { charged: number; remaining: number }
}

export interface Asked {
  question: Question
  answer: Answer
}

const answerKey = (text: string) => ['answers', text]
/** What was paid for is there when one comes back to the page. */
const KEPT_MS = 30 * 60_000

/** Asks when it is told to, never by itself: an answer costs credits. */
export function useAnswer(question: Question) {
  const client = useQueryClient()
  const me = useMe()
  const text = textOf(question)
  const [lastText, setLastText] = useState(text)
  const connection = useRef<AbortController>(null)
  const own = useKept(text)
  const last = useKept(lastText)

  const asking = useMutation({
    mutationFn: async (asked: Question): Promise<Asked> => {
      connection.current = new AbortController()
      const { signal } = connection.current
      return { question: asked, answer: await request<Answer>('POST', '/v1/query', { body: asked, signal }) }
    },
    onSuccess: (asked) => {
      client.setQueryData(answerKey(textOf(asked.question)), asked)
      setLastText(textOf(asked.question))
      if (me.data) client.setQueryData<Me>(ME_KEY, { ...me.data, credits: asked.answer.credits.remaining })
    },
  })

  return {
    /** the answer to this question, else to the one that was asked before it was changed */
    asked: own.data ?? last.data,
    isCurrent: own.data !== undefined,
    askedAt: own.data ? own.dataUpdatedAt : last.dataUpdatedAt,
    ask: asking.mutate,
    cancel: () => connection.current?.abort(),
    isPending: asking.isPending,
    error: isCanceled(asking.error) ? null : asking.error,
  }
}

function useKept(text: string) {
  return useQuery<Asked>({ queryKey: answerKey(text), queryFn: skipToken, gcTime: KEPT_MS, staleTime: Infinity })
}

function isCanceled(error: Error | null): boolean {
  return error !== null && !(error instanceof ApiProblem)
}
