import { useDebouncedCallback } from '@mantine/hooks'
import { useState } from 'react'
import { NavigationType, useNavigationType, useSearchParams } from 'react-router'
import { isViewType, type ResultView } from '../../results/result-view'
import { DEFAULT_DATASET, parseExploreQuery, textOf, type ExploreQuery } from './query'
import { changed, opened, redone, startHistory, undone } from './query-history'

/** So that not every letter typed is a change of the address, which browsers limit. */
const DEBOUNCE_MS = 300

/** The query on the page and its view. They stand in the address as well, so that they can be kept and passed on. */
export function useExploreQuery() {
  const [address, setAddress] = useSearchParams()
  const navigation = useNavigationType()
  const [history, setHistory] = useState(() => startHistory(readAddress(address)))
  const [seen, setSeen] = useState(address)
  const { query, view } = history.present
  if (address !== seen) {
    setSeen(address)
    // Replaced addresses are our own; somebody who goes back or follows a link wants the other query.
    if (navigation !== NavigationType.Replace && textOf(readQuery(address)) !== textOf(query))
      setHistory(opened(history, readAddress(address)))
  }

  const writeAddress = useDebouncedCallback(
    (next: Shown) => setAddress(addressOf(next), { replace: true }),
    DEBOUNCE_MS,
  )
  const show = (next: typeof history) => {
    setHistory(next)
    writeAddress(next.present)
  }
  /** Another query, which one can go back from. */
  const open = (next: ExploreQuery, nextView?: ResultView) => {
    const shown = { query: next, view: nextView }
    setHistory(opened(history, shown))
    setAddress(addressOf(shown))
  }
  const isUnreadable = address.has('q') && parseExploreQuery(address.get('q')!) === undefined
  return {
    ...{ query, view, open, isUnreadable },
    change: (changes: Partial<ExploreQuery>) => show(changed(history, { query: { ...query, ...changes }, view })),
    /** No step of its own: what is undone is the query, and its view comes back with it. */
    changeView: (next: ResultView) => show({ ...history, present: { query, view: next } }),
    undo: history.past.length > 0 ? () => show(undone(history)) : undefined,
    redo: history.future.length > 0 ? () => show(redone(history)) : undefined,
  }
}

interface Shown {
  query: ExploreQuery
  view: ResultView | undefined
}

function addressOf({ query, view }: Shown): Record<string, string> {
  return { q: textOf(query), ...(view && { view: JSON.stringify(view) }) }
}

function readAddress(address: URLSearchParams): Shown {
  return { query: readQuery(address), view: readView(address) }
}

function readQuery(address: URLSearchParams): ExploreQuery {
  return parseExploreQuery(address.get('q') ?? '') ?? { dataset: address.get('dataset') ?? DEFAULT_DATASET }
}

/** Only its type is looked at: what else does not fit the result is left out when it is shown. */
function readView(address: URLSearchParams): ResultView | undefined {
  try {
    const view = JSON.parse(address.get('view') ?? 'null') as Partial<ResultView> | null
    return isViewType(view?.type) ? (view as ResultView) : undefined
  } catch {
    return undefined
  }
}
