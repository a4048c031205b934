import { Anchor, Button, SimpleGrid, Stack, Tabs } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useNavigate, useParams } from 'react-router'
import { LedgerTable } from '../../accounts/ledger-table'
import { UsageChart } from '../../accounts/usage-chart'
import { request, type Schemas } from '../../api/http'
import { formatInteger } from '../../components/format'
import { OwnKeys } from './own-keys'
import { Statements } from './statements'
import { Loaded } from '../../components/loaded'
import { Page } from '../../components/page'
import { StatTile } from '../../components/stat-tile'

type Me = Schemas['Me']

const TABS = ['usage', 'ledger', 'statements', 'keys']

/** What customers see of their own account. */
export default function AccountPage() {
  const navigate = useNavigate()
  const tab = useParams()['*'] ?? ''
  const me = useQuery({
    queryKey: ['me'],
    queryFn: ({ signal }) => request('GET /v1/me', { signal }),
    // Every query meanwhile changed it.
    refetchOnMount: 'always',
  })
  return (
    <Page title="Account" description="Credits, use and keys of the account that you are signed in to.">
      <Loaded query={me}>{(data) => <Tiles {...data} />}</Loaded>
      <Tabs
        value={TABS.includes(tab) ? tab : TABS[0]!}
        onChange={(to) => void navigate(`/account/${to}`)}
        keepMounted={false}
      >
        <Tabs.List mb="md">
          <Tabs.Tab value="usage">Usage</Tabs.Tab>
          <Tabs.Tab value="ledger">Ledger</Tabs.Tab>
          <Tabs.Tab value="statements">Statements</Tabs.Tab>
          <Tabs.Tab value="keys">Keys</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="usage">
          <UsageChart />
        </Tabs.Panel>
        <Tabs.Panel value="ledger">
          <Stack>
            <Button component="a" href="/v1/me/ledger?format=csv" variant="default" w="fit-content">
              Download as CSV
            </Button>
            <LedgerTable />
          </Stack>
        </Tabs.Panel>
        <Tabs.Panel value="statements">
          <Statements />
        </Tabs.Panel>
        <Tabs.Panel value="keys">
          <OwnKeys />
        </Tabs.Panel>
      </Tabs>
    </Page>
  )
}

function Tiles({ user, credits, limits, topUpUrl }: Me) {
  const limit = limits.rateLimitPerMinute
  return (
    <SimpleGrid cols={{ base: 1, xs: 3 }}>
      <StatTile
        label="Credits left"
        value={formatInteger(credits)}
        color={credits === 0 ? 'red' : undefined}
        hint={
          topUpUrl && (
            <Anchor href={topUpUrl} target="_blank" rel="noreferrer">
              Buy credits
            </Anchor>
          )
        }
      />
      <StatTile label="Signed in as" value={user.username} hint={user.email} />
      <StatTile label="Queries a minute" value={limit === null ? 'unlimited' : formatInteger(limit)} />
    </SimpleGrid>
  )
}
