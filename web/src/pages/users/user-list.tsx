import { Anchor, Badge, Button, Group, NumberInput, Select, TextInput } from '@mantine/core'
import { useDebouncedCallback } from '@mantine/hooks'
import { IconPlus, IconSearch } from '@tabler/icons-react'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { Link, useNavigate, useSearchParams } from 'react-router'
import { StatusBadge } from '../../accounts/status-badge'
import { fullNameOf, type User } from '../../accounts/types'
import { request } from '../../api/http'
import { PAGE_SIZE } from '../../api/page'
import { DataTable, type Column } from '../../components/data-table'
import { EmptyState } from '../../components/empty-state'
import { formatDay, formatInteger } from '../../components/format'
import { Loaded } from '../../components/loaded'
import { Page } from '../../components/page'
import { Pager } from '../../components/pager'
import { useCurrentSession } from '../../session/session-context'
import { mayChange } from '../../session/use-session'
import { CreateUserDialog } from './create-user-dialog'

const COLUMNS: Column<User>[] = [
  {
    title: 'Username',
    render: ({ id, username }) => (
      <Anchor component={Link} to={`/users/${id}`} fw={600} className="breakable">
        {username}
      </Anchor>
    ),
  },
  { title: 'Name', render: (user) => <span className="breakable">{fullNameOf(user) || '—'}</span> },
  { title: 'Email', render: ({ email }) => <span className="breakable">{email ?? '—'}</span> },
  {
    title: 'Role',
    render: ({ role }) => (
      <Badge variant="default" tt="none">
        {role}
      </Badge>
    ),
  },
  { title: 'Status', render: ({ status }) => <StatusBadge status={status} /> },
  { title: 'Credits', numeric: true, render: ({ credits }) => formatInteger(credits) },
  { title: 'Since', render: ({ createdAt }) => <span className="unbroken">{formatDay(createdAt)}</span> },
]

/** Search and filters are in the address, so that a list can be shared. */
export function UserList() {
  const [parameters, setParameters] = useSearchParams()
  const [creating, setCreating] = useState(false)
  const session = useCurrentSession()
  const navigate = useNavigate()
  const filters = {
    search: parameters.get('search'),
    role: parameters.get('role'),
    status: parameters.get('status'),
    maxCredits: parameters.get('maxCredits'),
  }
  const offset = Number(parameters.get('offset') ?? 0)
  const users = useQuery({
    queryKey: ['users', filters, offset],
    queryFn: ({ signal }) =>
      request('GET /v1/admin/users', { query: { ...filters, limit: PAGE_SIZE, offset }, signal }),
    placeholderData: keepPreviousData,
  })

  const change = (changes: Record<string, string | null>) =>
    setParameters((current) => {
      for (const [name, value] of Object.entries({ offset: null, ...changes })) {
        if (value) current.set(name, value)
        else current.delete(name)
      }
      return current
    })

  const createButton = mayChange(session) && (
    <Button leftSection={<IconPlus size={16} />} onClick={() => setCreating(true)}>
      Create user
    </Button>
  )
  return (
    <Page title="Users" description="Accounts with their credits and keys." actions={createButton}>
      <Filters {...filters} onChange={change} />
      <Loaded query={users}>
        {({ data, pagination }) =>
          data.length === 0 ? (
            <NoUsers filtered={Object.values(filters).some(Boolean)} />
          ) : (
            <>
              <DataTable
                label="Users"
                columns={COLUMNS}
                rows={data}
                rowKey={({ id }) => id}
                onRowClick={({ id }) => void navigate(`/users/${id}`)}
                minWidth={820}
              />
              <Pager {...pagination} onChange={(to) => change({ offset: String(to) })} />
            </>
          )
        }
      </Loaded>
      {creating && <CreateUserDialog onClose={() => setCreating(false)} />}
    </Page>
  )
}

interface FiltersProps {
  search: string | null
  role: string | null
  status: string | null
  maxCredits: string | null
  onChange: (changes: Record<string, string | null>) => void
}

function Filters({ search, role, status, maxCredits, onChange }: FiltersProps) {
  const searchSoon = useDebouncedCallback((text: string) => onChange({ search: text.trim() }), 300)
  return (
    <Group align="flex-end">
      <TextInput
        label="Search"
        placeholder="Username, name or email"
        leftSection={<IconSearch size={16} />}
        defaultValue={search ?? ''}
        onChange={(event) => searchSoon(event.currentTarget.value)}
        flex={1}
        miw={200}
      />
      <Select
        label="Role"
        placeholder="Any"
        clearable
        data={['admin', 'viewer', 'member']}
        value={role}
        onChange={(value) => onChange({ role: value })}
        w={130}
      />
      <Select
        label="Status"
        placeholder="Any"
        clearable
        data={['active', 'disabled']}
        value={status}
        onChange={(value) => onChange({ status: value })}
        w={130}
      />
      <NumberInput
        label="Maximum credits"
        placeholder="Any"
        min={0}
        allowDecimal={false}
        value={maxCredits ?? ''}
        onChange={(value) => onChange({ maxCredits: String(value) })}
        w={130}
      />
    </Group>
  )
}

function NoUsers({ filtered }: { filtered: boolean }) {
  if (filtered) return <EmptyState title="No users match">Change the search or the filters.</EmptyState>
  return (
    <EmptyState title="No users yet">
      Create a user to get an API key with credits. Whoever holds it can run queries and sign in here.
    </EmptyState>
  )
}
