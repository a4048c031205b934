import { Anchor, Badge, Button, Text } from '@mantine/core'
import { IconPlus } from '@tabler/icons-react'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { Link, useNavigate } from 'react-router'
import { request } from '../../api/http'
import { PAGE_SIZE } from '../../api/page'
import { DataTable, type Column } from '../../components/data-table'
import { EmptyState } from '../../components/empty-state'
import { formatInteger } from '../../components/format'
import { Loaded } from '../../components/loaded'
import { Page } from '../../components/page'
import { Pager } from '../../components/pager'
import { useCurrentSession } from '../../session/session-context'
import { isOperator, mayChange } from '../../session/use-session'
import { EndpointEditor } from './endpoint-editor'

/** What both lists have, and what only operators see. */
interface Row {
  name: string
  title: string
  parameters: { name: string }[]
  costCredits: number | null
  broken?: string | null
}

const COLUMNS: Column<Row>[] = [
  {
    title: 'Name',
    render: ({ name }) => (
      <Anchor component={Link} to={`/endpoints/${name}`} className="breakable">
        {name}
      </Anchor>
    ),
  },
  { title: 'Title', render: ({ title }) => title },
  { title: 'Parameters', render: ({ parameters }) => parameters.map(({ name }) => name).join(', ') },
  {
    title: 'Credits',
    numeric: true,
    render: ({ costCredits }) => (costCredits === null ? 'as a query' : formatInteger(costCredits)),
  },
  {
    title: 'Status',
    render: ({ broken }) =>
      broken ? (
        <>
          <Badge color="red" variant="light">
            broken
          </Badge>
          <Text size="xs" c="dimmed" className="breakable">
            {broken}
          </Text>
        </>
      ) : (
        <Badge color="green" variant="light">
          ready
        </Badge>
      ),
  },
]

export function EndpointList() {
  const [offset, setOffset] = useState(0)
  const [isCreating, setCreating] = useState(false)
  const session = useCurrentSession()
  const navigate = useNavigate()
  const query = { limit: PAGE_SIZE, offset }
  const endpoints = useQuery({
    queryKey: ['endpoints', 'list', offset],
    queryFn: async ({
      signal,
    }): Promise<{ data: Row[]; pagination: { limit: number; offset: number; total: number } }> =>
      isOperator(session)
        ? request('GET /v1/admin/endpoints', { query, signal })
        : request('GET /v1/endpoints', { query, signal }),
    placeholderData: keepPreviousData,
  })
  const createButton = mayChange(session) && (
    <Button leftSection={<IconPlus size={16} />} onClick={() => setCreating(true)}>
      Create endpoint
    </Button>
  )
  return (
    <Page title="Endpoints" description="Named queries with a URL, parameters and a cost." actions={createButton}>
      <Loaded query={endpoints}>
        {({ data, pagination }) =>
          data.length === 0 ? (
            <EmptyState title="No endpoints yet">
              {mayChange(session)
                ? 'Create one from a query: whoever has access calls it with a GET request.'
                : 'None has been made available to this account.'}
            </EmptyState>
          ) : (
            <>
              <DataTable
                label="Endpoints"
                columns={COLUMNS}
                rows={data}
                rowKey={({ name }) => name}
                onRowClick={({ name }) => void navigate(`/endpoints/${name}`)}
                minWidth={720}
              />
              <Pager {...pagination} onChange={setOffset} />
            </>
          )
        }
      </Loaded>
      {isCreating && <EndpointEditor onClose={() => setCreating(false)} />}
    </Page>
  )
}
