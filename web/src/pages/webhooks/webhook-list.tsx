import { Anchor, Button, Text } from '@mantine/core'
import { IconPlus } from '@tabler/icons-react'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { Link, useNavigate } from 'react-router'
import { StatusBadge } from '../../accounts/status-badge'
import { request } from '../../api/http'
import { PAGE_SIZE } from '../../api/page'
import { DataTable, type Column } from '../../components/data-table'
import { EmptyState } from '../../components/empty-state'
import { formatDay } from '../../components/format'
import { Loaded } from '../../components/loaded'
import { Page } from '../../components/page'
import { Pager } from '../../components/pager'
import { useCurrentSession } from '../../session/session-context'
import { mayChange } from '../../session/use-session'
import { CreateWebhookDialog } from './create-webhook-dialog'
import type { Webhook } from './webhooks'

const COLUMNS: Column<Webhook>[] = [
  {
    title: 'URL',
    render: ({ id, url }) => (
      <Anchor component={Link} to={`/webhooks/${id}`} className="breakable">
        {url}
      </Anchor>
    ),
  },
  { title: 'Events', render: ({ events }) => <Text size="sm">{events.join(', ')}</Text> },
  {
    title: 'Users',
    render: ({ userId }) =>
      userId ? (
        <Anchor component={Link} to={`/users/${userId}`} onClick={(event) => event.stopPropagation()}>
          one
        </Anchor>
      ) : (
        'all'
      ),
  },
  { title: 'Status', render: ({ status }) => <StatusBadge status={status} /> },
  { title: 'Since', render: ({ createdAt }) => <span className="unbroken">{formatDay(createdAt)}</span> },
]

export function WebhookList() {
  const [offset, setOffset] = useState(0)
  const [creating, setCreating] = useState(false)
  const session = useCurrentSession()
  const navigate = useNavigate()
  const webhooks = useQuery({
    queryKey: ['webhooks', 'list', offset],
    queryFn: ({ signal }) => request('GET /v1/admin/webhooks', { query: { limit: PAGE_SIZE, offset }, signal }),
    placeholderData: keepPreviousData,
  })
  const createButton = mayChange(session) && (
    <Button leftSection={<IconPlus size={16} />} onClick={() => setCreating(true)}>
      Create webhook
    </Button>
  )
  return (
    <Page title="Webhooks" description="URLs that are told of loads, credits and plans." actions={createButton}>
      <Loaded query={webhooks}>
        {({ data, pagination }) =>
          data.length === 0 ? (
            <EmptyState title="No webhooks yet">
              Create one with the URL of a program of yours. Each event is a signed POST to it.
            </EmptyState>
          ) : (
            <>
              <DataTable
                label="Webhooks"
                columns={COLUMNS}
                rows={data}
                rowKey={({ id }) => id}
                onRowClick={({ id }) => void navigate(`/webhooks/${id}`)}
                minWidth={720}
              />
              <Pager {...pagination} onChange={setOffset} />
            </>
          )
        }
      </Loaded>
      {creating && <CreateWebhookDialog onClose={() => setCreating(false)} />}
    </Page>
  )
}
