import '@mantine/spotlight/styles.css'
import { useDebouncedValue } from '@mantine/hooks'
import { createSpotlight, Spotlight } from '@mantine/spotlight'
import { IconListSearch } from '@tabler/icons-react'
import { useEffect, useRef, useState } from 'react'
import { useNavigate } from 'react-router'
import { usePlaces, type Place } from './use-places'

const SETTLE_MS = 150
const [store, dialog] = createSpotlight()

/** Pages, dashboards, saved queries, datasets and users by name. It opens when `asked` changes. */
export default function GoToDialog({ asked }: { asked: number }) {
  const [query, setQuery] = useState('')
  useEffect(() => dialog.open(), [asked])
  return (
    <Spotlight.Root
      store={store}
      shortcut={null}
      scrollable
      maxHeight="min(480px, 70dvh)"
      query={query}
      onQueryChange={setQuery}
      attributes={{ content: { 'aria-label': 'Go to' } }}
    >
      <Spotlight.Search
        aria-label="Search for a place"
        placeholder="Page, dashboard, saved query, dataset or user"
        leftSection={<IconListSearch size={18} />}
      />
      <Places search={query.trim()} />
    </Spotlight.Root>
  )
}

function Places({ search }: { search: string }) {
  const [settled] = useDebouncedValue(search, SETTLE_MS)
  const { groups, isFetching } = usePlaces(search, settled)
  const navigate = useNavigate()
  const list = useRef<HTMLDivElement>(null)
  useEffect(() => {
    if (search !== '') selectFirst(list.current)
  })
  const isEmpty = groups.length === 0
  return (
    <>
      <Spotlight.ActionsList ref={list}>
        {groups.map(({ title, places }) => (
          <Spotlight.ActionsGroup key={title} label={title}>
            {places.map((place) => (
              <PlaceAction key={place.address} place={place} onGo={() => void navigate(place.address)} />
            ))}
          </Spotlight.ActionsGroup>
        ))}
      </Spotlight.ActionsList>
      {isEmpty && <Spotlight.Empty role="status">{isFetching ? 'Searching…' : 'Nothing of that name'}</Spotlight.Empty>}
    </>
  )
}

function PlaceAction({ place: { name, note, icon: PlaceIcon }, onGo }: { place: Place; onGo: () => void }) {
  return <Spotlight.Action label={name} description={note} leftSection={<PlaceIcon size={18} />} onClick={onGo} />
}

/** Of results that came after the key: the library selects only what is there when a key is pressed. */
function selectFirst(list: HTMLDivElement | null): void {
  if (!list || list.querySelector('[data-selected]')) return
  list.querySelector('[data-action]')?.setAttribute('data-selected', 'true')
  store.updateState((state) => ({ ...state, selected: 0 }))
}
