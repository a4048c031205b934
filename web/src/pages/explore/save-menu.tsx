import { Button, Menu } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { IconApi, IconBookmark, IconBookmarkPlus } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { Suspense, useState } from 'react'
import { NavigationType, useNavigationType, useSearchParams } from 'react-router'
import { request, type Schemas } from '../../api/http'
import { savedQueriesKey, type SavedQuery } from '../../boards/boards'
import { SaveQueryDialog } from '../../boards/save-query-dialog'
import { lazyPart } from '../../components/lazy-part'
import { useCurrentSession } from '../../session/session-context'
import { mayChange } from '../../session/use-session'
import { isBlank, parseExploreQuery } from './query'

const EndpointEditor = lazyPart(async () => ({
  default: (await import('../endpoints/endpoint-editor')).EndpointEditor,
}))

/** Keeps the query on the page: under a name, in place of the one that was opened, or as an endpoint. */
export function SaveMenu() {
  const { query, view, savedId, setSavedId } = useAddressedQuery()
  const session = useCurrentSession()
  const [dialog, setDialog] = useState<'new' | 'change' | 'endpoint'>()
  const { data: saved } = useQuery({
    queryKey: savedQueriesKey('one', savedId),
    queryFn: ({ signal }) => request('GET /v1/saved-queries/{id}', { path: { id: savedId! }, signal }),
    enabled: savedId !== null,
    // It may have been deleted since the address was kept.
    retry: false,
  })
  const close = () => setDialog(undefined)
  const tell = (done: SavedQuery) => {
    notifications.show({ message: `Saved as ${done.name}.`, color: 'green' })
    setSavedId(done.id)
  }
  return (
    <>
      <Menu>
        <Menu.Target>
          <Button variant="default" leftSection={<IconBookmark size={16} />} disabled={!query || isBlank(query)}>
            Save
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          {saved?.mayChange && (
            <Menu.Item leftSection={<IconBookmark size={16} />} onClick={() => setDialog('change')}>
              Save in place of {saved.name}
            </Menu.Item>
          )}
          <Menu.Item leftSection={<IconBookmarkPlus size={16} />} onClick={() => setDialog('new')}>
            Save as new query
          </Menu.Item>
          {mayChange(session) && (
            <Menu.Item leftSection={<IconApi size={16} />} onClick={() => setDialog('endpoint')}>
              Save as endpoint
            </Menu.Item>
          )}
        </Menu.Dropdown>
      </Menu>
      {query && dialog === 'new' && <SaveQueryDialog query={query} view={view} onClose={close} onSaved={tell} />}
      {query && dialog === 'change' && (
        <SaveQueryDialog query={query} view={view} saved={saved} onClose={close} onSaved={tell} />
      )}
      {query && dialog === 'endpoint' && (
        <Suspense>
          <EndpointEditor start={{ title: saved?.name ?? '', query: { ...query }, parameters: [] }} onClose={close} />
        </Suspense>
      )}
    </>
  )
}

/** The address has the query and its view; of a saved one its id, until another query is opened. */
function useAddressedQuery() {
  const [address] = useSearchParams()
  const navigation = useNavigationType()
  const [savedId, setSavedId] = useState(address.get('saved'))
  const [seen, setSeen] = useState(address)
  if (address !== seen) {
    setSeen(address)
    // Replaced addresses are of changes to the query on the page.
    if (address.has('saved') || navigation !== NavigationType.Replace) setSavedId(address.get('saved'))
  }
  return { query: parseExploreQuery(address.get('q') ?? ''), view: viewIn(address), savedId, setSavedId }
}

/** Undefined where it is none; the server checks the rest. */
function viewIn(address: URLSearchParams): Schemas['ResultView'] | undefined {
  try {
    return (JSON.parse(address.get('view') ?? 'null') as Schemas['ResultView'] | null) ?? undefined
  } catch {
    return undefined
  }
}
