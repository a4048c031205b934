import { ActionIcon, Anchor, Button, Menu, Text } from '@mantine/core'
import { IconDots, IconEdit, IconSearch, IconTrash } from '@tabler/icons-react'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { Link, useNavigate } from 'react-router'
import { request } from '../../api/http'
import { exploreAddress, savedQueriesKey, type SavedQuery } from '../../boards/boards'
import { DeleteSavedQueryDialog } from '../../boards/delete-dialog'
import { ListControls } from '../../boards/list-controls'
import { SaveQueryDialog } from '../../boards/save-query-dialog'
import { useList } from '../../boards/use-list'
import { VisibilityBadge } from '../../boards/visibility-badge'
import { DataTable, type Column } from '../../components/data-table'
import { EmptyState } from '../../components/empty-state'
import { formatAgo } from '../../components/format'
import { Loaded } from '../../components/loaded'
import { Page } from '../../components/page'
import { Pager } from '../../components/pager'
import { VIEW_NAMES } from '../../results/result-view'
import { useDatasetTitle } from '../explore/datasets'

/** Queries that were saved under a name, by oneself or by others who share them. */
export default function SavedPage() {
  const list = useList()
  const navigate = useNavigate()
  const [edited, setEdited] = useState<SavedQuery>()
  const [deleted, setDeleted] = useState<SavedQuery>()
  const saved = useQuery({
    queryKey: savedQueriesKey('list', list.query),
    queryFn: ({ signal }) => request('GET /v1/saved-queries', { query: list.query, signal }),
    placeholderData: keepPreviousData,
  })
  const open = (each: SavedQuery) => void navigate(exploreAddress(each))
  const columns: Column<SavedQuery>[] = [
    ...COLUMNS,
    {
      title: 'Actions',
      width: 72,
      render: (each) => (
        <Actions
          saved={each}
          onOpen={() => open(each)}
          onEdit={() => setEdited(each)}
          onDelete={() => setDeleted(each)}
        />
      ),
    },
  ]
  return (
    <Page
      title="Saved"
      description="Queries kept under a name: open one in Explore, or put it on a dashboard."
      actions={
        <Button component={Link} to="/explore" leftSection={<IconSearch size={16} />}>
          New query
        </Button>
      }
    >
      <ListControls {...list} onChange={list.filter} />
      <Loaded query={saved}>
        {({ data, pagination }) =>
          data.length === 0 ? (
            list.isFiltered ? (
              <EmptyState title="No saved queries match" />
            ) : (
              <EmptyState title="No saved queries yet">Build a query in Explore, then choose Save.</EmptyState>
            )
          ) : (
            <>
              <DataTable label="Saved queries" columns={columns} rows={data} rowKey={({ id }) => id} minWidth={640} />
              <Pager {...pagination} onChange={list.setOffset} />
            </>
          )
        }
      </Loaded>
      {edited && (
        <SaveQueryDialog saved={edited} query={edited.query} view={edited.view} onClose={() => setEdited(undefined)} />
      )}
      {deleted && <DeleteSavedQueryDialog item={deleted} onClose={() => setDeleted(undefined)} />}
    </Page>
  )
}

const COLUMNS: Column<SavedQuery>[] = [
  {
    title: 'Name',
    render: (saved) => (
      <>
        <Anchor component={Link} to={exploreAddress(saved)} className="breakable">
          {saved.name}
        </Anchor>
        <Text size="xs" c={saved.broken ? 'red' : 'dimmed'} className="breakable">
          {saved.broken ?? saved.description}
        </Text>
      </>
    ),
  },
  { title: 'Dataset', render: ({ dataset }) => <DatasetTitle name={dataset} /> },
  { title: 'View', render: ({ view }) => VIEW_NAMES[view.type] },
  {
    title: 'Sharing',
    render: ({ visibility, owner }) => (
      <>
        <VisibilityBadge visibility={visibility} />
        {owner && (
          <Text size="xs" c="dimmed">
            by {owner.username}
          </Text>
        )}
      </>
    ),
  },
  { title: 'Changed', render: ({ updatedAt }) => formatAgo(updatedAt) },
]

function DatasetTitle({ name }: { name: string }) {
  return useDatasetTitle()(name)
}

interface ActionsProps {
  saved: SavedQuery
  onOpen: () => void
  onEdit: () => void
  onDelete: () => void
}

function Actions({ saved, onOpen, onEdit, onDelete }: ActionsProps) {
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <ActionIcon variant="subtle" aria-label={`Actions for ${saved.name}`}>
          <IconDots size={18} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item leftSection={<IconSearch size={16} />} onClick={onOpen}>
          Open in Explore
        </Menu.Item>
        {saved.mayChange && (
          <>
            <Menu.Item leftSection={<IconEdit size={16} />} onClick={onEdit}>
              Rename or share
            </Menu.Item>
            <Menu.Item leftSection={<IconTrash size={16} />} color="red" onClick={onDelete}>
              Delete
            </Menu.Item>
          </>
        )}
      </Menu.Dropdown>
    </Menu>
  )
}
