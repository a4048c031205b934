import { useDebouncedCallback } from '@mantine/hooks'
import { useState } from 'react'
import { NavigationType, useNavigationType, useSearchParams } from 'react-router'
import { DEFAULT_DATASET, parseExploreQuery, textOf, type ExploreQuery } from './query'

/** So that not every letter typed is a change of the address, which browsers limit. */
const DEBOUNCE_MS = 300

/** The query on the page. It stands in the address as well, so that it can be kept and passed on. */
export function useExploreQuery() {
  const [address, setAddress] = useSearchParams()
  const navigation = useNavigationType()
  const [query, setQuery] = useState(() => readAddress(address))
  const [seen, setSeen] = useState(address)
  if (address !== seen) {
    setSeen(address)
    // Replaced addresses are our own; somebody who goes back or follows a link wants the other query.
    if (navigation !== NavigationType.Replace) setQuery(readAddress(address))
  }

  const writeAddress = useDebouncedCallback(
    (next: ExploreQuery) => setAddress({ q: textOf(next) }, { replace: true }),
    DEBOUNCE_MS,
  )
  const change = (changes: Partial<ExploreQuery>) => {
    const next = { ...query, ...changes }
    setQuery(next)
    writeAddress(next)
  }
  /** Another query, which one can go back from. */
  const open = (next: ExploreQuery) => {
    setQuery(next)
    setAddress({ q: textOf(next) })
  }
  const isUnreadable = address.has('q') && parseExploreQuery(address.get('q')!) === undefined
  return { query, change, open, isUnreadable }
}

function readAddress(address: URLSearchParams): ExploreQuery {
  return parseExploreQuery(address.get('q') ?? '') ?? { dataset: address.get('dataset') ?? DEFAULT_DATASET }
}
