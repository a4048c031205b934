import { Anchor, Button, Text } from '@mantine/core'
import { IconPlus } from '@tabler/icons-react'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { Link, useNavigate } from 'react-router'
import { request } from '../../api/http'
import { boardsKey, type BoardSummary } from '../../boards/boards'
import { ListControls } from '../../boards/list-controls'
import { useList } from '../../boards/use-list'
import { VisibilityBadge } from '../../boards/visibility-badge'
import { DataTable, type Column } from '../../components/data-table'
import { EmptyState } from '../../components/empty-state'
import { formatAgo } from '../../components/format'
import { Loaded } from '../../components/loaded'
import { Page } from '../../components/page'
import { Pager } from '../../components/pager'

const COLUMNS: Column<BoardSummary>[] = [
  {
    title: 'Name',
    render: ({ id, name, description }) => (
      <>
        <Anchor component={Link} to={`/dashboards/${id}`} className="breakable">
          {name}
        </Anchor>
        <Text size="xs" c="dimmed" className="breakable">
          {description}
        </Text>
      </>
    ),
  },
  { title: 'Tiles', numeric: true, render: ({ tileCount }) => tileCount },
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

export function BoardList() {
  const list = useList()
  const navigate = useNavigate()
  const boards = useQuery({
    queryKey: boardsKey('list', list.query),
    queryFn: ({ signal }) => request('GET /v1/boards', { query: list.query, signal }),
    placeholderData: keepPreviousData,
  })
  const createButton = (
    <Button component={Link} to="/dashboards/new" leftSection={<IconPlus size={16} />}>
      New dashboard
    </Button>
  )
  return (
    <Page title="Dashboards" description="Saved queries side by side." actions={createButton}>
      <ListControls {...list} onChange={list.filter} />
      <Loaded query={boards}>
        {({ data, pagination }) =>
          data.length === 0 ? (
            list.isFiltered ? (
              <EmptyState title="No dashboards match" />
            ) : (
              <EmptyState title="No dashboards yet">
                Save queries in Explore, then put them on a dashboard and share it.
              </EmptyState>
            )
          ) : (
            <>
              <DataTable
                label="Dashboards"
                columns={COLUMNS}
                rows={data}
                rowKey={({ id }) => id}
                onRowClick={({ id }) => void navigate(`/dashboards/${id}`)}
                minWidth={520}
              />
              <Pager {...pagination} onChange={list.setOffset} />
            </>
          )
        }
      </Loaded>
    </Page>
  )
}
