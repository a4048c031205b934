import { Anchor, Group, SimpleGrid, Tabs, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Link, useNavigate, useParams } from 'react-router'
import { LedgerTable } from '../../accounts/ledger-table'
import { StatusBadge } from '../../accounts/status-badge'
import { usePlans } from '../../accounts/plans'
import { fullNameOf, type User } from '../../accounts/types'
import { request } from '../../api/http'
import { CopyableId } from '../../components/copyable-id'
import { formatDay, formatInteger } from '../../components/format'
import { Loaded } from '../../components/loaded'
import { Page } from '../../components/page'
import { StatTile } from '../../components/stat-tile'
import { useCurrentSession } from '../../session/session-context'
import { Statements } from '../../statements/statements'
import { UsageReport } from '../../usage/usage-report'
import { CreditsTab } from './credits-tab'
import { KeysTab } from './keys-tab'
import { SettingsTab } from './settings-tab'

const TABS = ['credits', 'ledger', 'keys', 'usage', 'statements', 'settings']

/** One account: balance and grants, ledger, keys, use, settings. */
export function UserDetail() {
  const { id = '', '*': tab = '' } = useParams()
  const user = useQuery({
    queryKey: ['user', id],
    queryFn: ({ signal }) => request('GET /v1/admin/users/{id}', { path: { id }, signal }),
  })
  return (
    <Page title={user.data?.username ?? 'User'} description={user.data && <Who user={user.data} />}>
      <Loaded query={user}>
        {(data) => (
          <>
            <Tiles {...data} />
            <UserTabs user={data} tab={TABS.includes(tab) ? tab : TABS[0]!} />
          </>
        )}
      </Loaded>
    </Page>
  )
}

function Who({ user }: { user: User }) {
  return (
    <Group gap="xs" mt={4}>
      <Text size="sm">
        <Anchor component={Link} to="/users" size="sm" underline="always">
          Users
        </Anchor>{' '}
        / {fullNameOf(user) || user.username}
      </Text>
      <StatusBadge status={user.status} />
      <CopyableId id={user.id} label="the ID of this user" />
    </Group>
  )
}

function Tiles({ credits, role, email, rateLimitPerMinute, planId, createdAt }: User) {
  const plan = usePlans().data?.data.find(({ id }) => id === planId)
  const rateLimit = rateLimitPerMinute ?? plan?.rateLimitPerMinute ?? null
  const { defaultRateLimitPerMinute } = useCurrentSession()
  return (
    <SimpleGrid cols={{ base: 2, md: 4 }}>
      <StatTile
        label="Credits"
        value={formatInteger(credits)}
        color={credits === 0 ? 'red' : undefined}
        hint={plan && `plan ${plan.name}`}
      />
      <StatTile label="Role" value={role} hint={email} />
      <StatTile
        label="Queries a minute"
        value={formatInteger(rateLimit ?? defaultRateLimitPerMinute)}
        hint={rateLimit === null ? 'with each key, the default' : 'with all keys together'}
      />
      <StatTile label="Since" value={formatDay(createdAt)} />
    </SimpleGrid>
  )
}

function UserTabs({ user, tab }: { user: User; tab: string }) {
  const navigate = useNavigate()
  return (
    <Tabs value={tab} onChange={(to) => void navigate(`/users/${user.id}/${to}`)} keepMounted={false}>
      <Tabs.List mb="md">
        <Tabs.Tab value="credits">Credits</Tabs.Tab>
        <Tabs.Tab value="ledger">Ledger</Tabs.Tab>
        <Tabs.Tab value="keys">Keys</Tabs.Tab>
        <Tabs.Tab value="usage">Usage</Tabs.Tab>
        <Tabs.Tab value="statements">Statements</Tabs.Tab>
        <Tabs.Tab value="settings">Settings</Tabs.Tab>
      </Tabs.List>
      <Tabs.Panel value="credits">
        <CreditsTab user={user} />
      </Tabs.Panel>
      <Tabs.Panel value="ledger">
        <LedgerTable userId={user.id} />
      </Tabs.Panel>
      <Tabs.Panel value="keys">
        <KeysTab user={user} />
      </Tabs.Panel>
      <Tabs.Panel value="usage">
        <UsageReport userId={user.id} />
      </Tabs.Panel>
      <Tabs.Panel value="statements">
        <Statements userId={user.id} />
      </Tabs.Panel>
      <Tabs.Panel value="settings">
        <SettingsTab user={user} key={user.id} />
      </Tabs.Panel>
    </Tabs>
  )
}
