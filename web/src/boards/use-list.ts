import { useState } from 'react'
import { PAGE_SIZE } from '../api/page'

/** What of a list is shown: its part, and by which words. */
export function useList() {
  const [state, setState] = useState({ search: '', isMine: false, offset: 0 })
  return {
    ...state,
    /** of the request */
    query: {
      limit: PAGE_SIZE,
      offset: state.offset,
      search: state.search || undefined,
      mine: state.isMine || undefined,
    },
    isFiltered: state.search !== '' || state.isMine,
    setOffset: (offset: number) => setState({ ...state, offset }),
    filter: (changes: { search?: string; isMine?: boolean }) => setState({ ...state, ...changes, offset: 0 }),
  }
}
