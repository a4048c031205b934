import { useQuery } from '@tanstack/react-query'
import { request, type Schemas } from '../api/http'
import { useChange } from '../api/use-change'

export type SavedQuery = Schemas['SavedQuery']
export type Board = Schemas['Board']
export type BoardSummary = Schemas['BoardSummary']
export type BoardTile = Schemas['BoardTile']
export type Visibility = SavedQuery['visibility']

/** What one edits of both. */
export interface ShareableDraft {
  name: string
  description: string
  visibility: Visibility
}

const SAVED_QUERIES = ['saved-queries']
const BOARDS = ['boards']

export function savedQueriesKey(...parts: unknown[]): unknown[] {
  return [...SAVED_QUERIES, ...parts]
}

export function boardsKey(...parts: unknown[]): unknown[] {
  return [...BOARDS, ...parts]
}

export function useBoard(id: string) {
  return useQuery({
    queryKey: boardsKey('one', id),
    queryFn: ({ signal }) => request('GET /v1/boards/{id}', { path: { id }, signal }),
  })
}

/** A change of saved queries or dashboards; whatever is shown of either is asked for again after it. */
export function useBoardChange<Input, Output>(
  mutationFn: (input: Input) => Promise<Output>,
  onDone?: (response: Output) => void,
) {
  return useChange([SAVED_QUERIES, BOARDS], mutationFn, onDone)
}

/** The saved query in Explore, where it can be changed. */
export function exploreAddress({ id, query, view }: SavedQuery): string {
  const parts = new URLSearchParams({ q: JSON.stringify(query), view: JSON.stringify(view), saved: id })
  return `/explore?${parts.toString()}`
}

export const EVERYBODY =
  'Everybody who may query the same dataset sees it. Who gets the rows of one customer shares with those who get the same rows.'
