import { IconBookmark, IconDatabase, IconLayoutGrid, IconUser, type Icon } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useFoundUsers } from '../../accounts/user-names'
import { request } from '../../api/http'
import { boardsKey, exploreAddress, savedQueriesKey } from '../../boards/boards'
import { useDatasets } from '../../pages/explore/datasets'
import { useCurrentSession } from '../../session/session-context'
import { isOperator } from '../../session/use-session'
import { DESTINATIONS } from '../navigation'

/** Somewhere in the console that one can go to. */
export interface Place {
  address: string
  name: string
  /** what tells it from others of a like name */
  note?: string
  icon: Icon
}

export interface PlaceGroup {
  title: string
  places: Place[]
}

/** of a kind, besides pages */
const SHOWN = 6

/**
 * What the session sees and whose name has these words in it; without words, the pages. The server is asked for `settled`
 * words; what it found for earlier ones is left out, for Enter goes to the first place that is shown.
 */
export function usePlaces(search: string, settled: string): { groups: PlaceGroup[]; isFetching: boolean } {
  const isSettled = search === settled
  const found = [useBoards(settled), useSavedQueries(settled), useUsers(settled)]
  const [boards, saved, users] = found.map(({ group }) => group) as [PlaceGroup, PlaceGroup, PlaceGroup]
  const datasets = { title: 'Datasets', places: useDatasetPlaces(search) }
  const pages = { title: 'Pages', places: usePages(search) }
  const named = isSettled ? [boards, saved, datasets, users] : [datasets]
  const groups = search === '' ? [pages] : [pages, ...named]
  return {
    groups: groups.filter(({ places }) => places.length > 0),
    isFetching: search !== '' && (!isSettled || found.some(({ isFetching }) => isFetching)),
  }
}

function usePages(search: string): Place[] {
  const session = useCurrentSession()
  return DESTINATIONS.filter(({ isFor, label }) => isFor(session) && contains(label, search)).map(
    ({ path, label, icon }) => ({ address: path, name: label, icon }),
  )
}

interface Found {
  group: PlaceGroup
  isFetching: boolean
}

function useBoards(search: string): Found {
  const { data, isFetching } = useQuery({
    queryKey: boardsKey('found', search),
    queryFn: ({ signal }) => request('GET /v1/boards', { query: { search, limit: SHOWN }, signal }),
    enabled: search !== '',
  })
  const places = (data?.data ?? []).map(({ id, name, description }) => ({
    address: `/dashboards/${id}`,
    name,
    note: description,
    icon: IconLayoutGrid,
  }))
  return { group: { title: 'Dashboards', places }, isFetching }
}

function useSavedQueries(search: string): Found {
  const { data, isFetching } = useQuery({
    queryKey: savedQueriesKey('found', search),
    queryFn: ({ signal }) => request('GET /v1/saved-queries', { query: { search, limit: SHOWN }, signal }),
    enabled: search !== '',
  })
  const places = (data?.data ?? []).map((saved) => ({
    address: exploreAddress(saved),
    name: saved.name,
    note: saved.dataset,
    icon: IconBookmark,
  }))
  return { group: { title: 'Saved queries', places }, isFetching }
}

/** Operators get to what a dataset is made of, the others to its queries. */
function useDatasetPlaces(search: string): Place[] {
  const session = useCurrentSession()
  const { data = [] } = useDatasets()
  return data
    .filter(({ name, title }) => contains(`${name} ${title}`, search))
    .slice(0, SHOWN)
    .map(({ name, title }) => ({
      address: isOperator(session) ? `/data/datasets/${name}` : `/explore?dataset=${name}`,
      name: title,
      note: name,
      icon: IconDatabase,
    }))
}

function useUsers(search: string): Found {
  const mayAsk = isOperator(useCurrentSession()) && search !== ''
  const { data, isFetching, isPlaceholderData } = useFoundUsers(search, mayAsk)
  const users = mayAsk && !isPlaceholderData ? (data?.data ?? []) : []
  const places = [...users]
    // What has least besides the searched words is meant before the others.
    .sort((one, other) => one.username.length - other.username.length)
    .slice(0, SHOWN)
    .map(({ id, username, email }) => ({
      address: `/users/${id}`,
      name: username,
      note: email ?? undefined,
      icon: IconUser,
    }))
  return { group: { title: 'Users', places }, isFetching }
}

function contains(text: string, search: string): boolean {
  return text.toLowerCase().includes(search.toLowerCase())
}
