import { Badge, Group, Modal, NavLink, Stack, Text, TextInput } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { request } from '../../../api/http'
import { PAGE_SIZE } from '../../../api/page'
import { savedQueriesKey, type SavedQuery } from '../../../boards/boards'
import { Loaded } from '../../../components/loaded'
import { VIEW_NAMES } from '../../../results/result-view'
import { useDatasetTitle } from '../../explore/datasets'

const DEBOUNCE_MS = 250

/** Chooses the saved query of a new tile. */
export function AddQueryDialog({ onAdd, onClose }: { onAdd: (saved: SavedQuery) => void; onClose: () => void }) {
  const titleOf = useDatasetTitle()
  const [text, setText] = useState('')
  const [search] = useDebouncedValue(text.trim(), DEBOUNCE_MS)
  const query = { limit: PAGE_SIZE, search: search || undefined }
  const found = useQuery({
    queryKey: savedQueriesKey('list', query),
    queryFn: ({ signal }) => request('GET /v1/saved-queries', { query, signal }),
    placeholderData: keepPreviousData,
  })
  return (
    <Modal opened onClose={onClose} title="Add a saved query">
      <Stack>
        <TextInput
          aria-label="Search saved queries"
          placeholder="Search by name or description"
          data-autofocus
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
        />
        <Loaded query={found}>
          {({ data, pagination }) => (
            <div>
              {data.map((saved) => (
                <NavLink
                  key={saved.id}
                  component="button"
                  type="button"
                  label={saved.name}
                  description={saved.description || titleOf(saved.dataset)}
                  rightSection={
                    <Group gap={4} wrap="nowrap">
                      <Badge variant="light" color="gray">
                        {VIEW_NAMES[saved.view.type]}
                      </Badge>
                    </Group>
                  }
                  onClick={() => {
                    onAdd(saved)
                    onClose()
                  }}
                />
              ))}
              {data.length === 0 && (
                <Text size="sm" c="dimmed">
                  {search ? 'No saved queries match.' : 'No saved queries yet: build one in Explore, then choose Save.'}
                </Text>
              )}
              {pagination.total > data.length && (
                <Text size="sm" c="dimmed" mt="xs">
                  {pagination.total - data.length} more: search for it.
                </Text>
              )}
            </div>
          )}
        </Loaded>
      </Stack>
    </Modal>
  )
}
