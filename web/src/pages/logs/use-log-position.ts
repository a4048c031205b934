import { useLocation, useNavigate } from 'react-router'

interface State {
  /** cursors of the pages in front of this one; null is the first page */
  newer?: (string | null)[]
}

/**
 * Where in the log the page is. The cursor is in the address; the way back is kept with the history entry, because a
 * cursor knows only what comes behind it.
 */
export function useLogPosition() {
  const location = useLocation()
  const navigate = useNavigate()
  const parameters = new URLSearchParams(location.search)
  const cursor = parameters.get('cursor')
  const passed = (location.state as State | null)?.newer ?? []

  const goTo = (to: string | null, newer: (string | null)[]) => {
    if (to === null) parameters.delete('cursor')
    else parameters.set('cursor', to)
    void navigate({ search: parameters.toString() }, { state: { newer } satisfies State })
  }
  return {
    cursor,
    /** undefined: this is the first page */
    newest: cursor === null ? undefined : () => goTo(null, []),
    /** undefined: not known */
    newer: passed.length === 0 ? undefined : () => goTo(passed.at(-1)!, passed.slice(0, -1)),
    older: (next: string) => goTo(next, [...passed, cursor]),
  }
}
