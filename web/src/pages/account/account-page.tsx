import { Anchor, Button, SimpleGrid, Tabs } from '@mantine/core'
import { IconFileTypeCsv } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useNavigate, useParams } from 'react-router'
import { LedgerTable } from '../../accounts/ledger-table'
import { request, type Schemas } from '../../api/http'
import { formatDay, formatInteger } from '../../components/format'
import { Loaded } from '../../components/loaded'
import { Page } from '../../components/page'
import { Section } from '../../components/section'
import { StatTile } from '../../components/stat-tile'
import { Statements } from '../../statements/statements'
import { UsageReport } from '../../usage/usage-report'
import { OwnKeys } from './own-keys'
import { OwnRequests } from './own-requests'
import { PlanTab } from './plan-tab'
import { useOwnPlan } from './use-own-plan'

type Me = Schemas['Me']

const TABS = [
  { id: 'usage', title: 'Usage' },
  { id: 'plan', title: 'Plan and limits' },
  { id: 'keys', title: 'Keys' },
  { id: 'requests', title: 'Requests' },
  { id: 'ledger', title: 'Ledger' },
  { id: 'statements', title: 'Statements' },
]

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
    <Page title="Account" description="Credits, usage and keys of the account that you are signed in to.">
      <Loaded query={me}>
        {(data) => (
          <>
            <Tiles {...data} />
            <Tabs
              value={TABS.some(({ id }) => id === tab) ? tab : TABS[0]!.id}
              onChange={(to) => void navigate(`/account/${to}`)}
              keepMounted={false}
            >
              <Tabs.List mb="md">
                {TABS.map(({ id, title }) => (
                  <Tabs.Tab key={id} value={id}>
                    {title}
                  </Tabs.Tab>
                ))}
              </Tabs.List>
              <Panels me={data} />
            </Tabs>
          </>
        )}
      </Loaded>
    </Page>
  )
}

function Panels({ me }: { me: Me }) {
  return (
    <>
      <Tabs.Panel value="usage">
        <UsageReport />
      </Tabs.Panel>
      <Tabs.Panel value="plan">
        <PlanTab rateLimitPerMinute={me.limits.rateLimitPerMinute} />
      </Tabs.Panel>
      <Tabs.Panel value="keys">
        <OwnKeys />
      </Tabs.Panel>
      <Tabs.Panel value="requests">
        <OwnRequests />
      </Tabs.Panel>
      <Tabs.Panel value="ledger">
        <Ledger />
      </Tabs.Panel>
      <Tabs.Panel value="statements">
        <Statements />
      </Tabs.Panel>
    </>
  )
}

function Ledger() {
  const downloadButton = (
    <Button component="a" href="/v1/me/ledger?format=csv" variant="default" leftSection={<IconFileTypeCsv size={16} />}>
      Download CSV
    </Button>
  )
  return (
    <Section title="Ledger" description="Everything that moved your balance, newest first." actions={downloadButton}>
      <LedgerTable />
    </Section>
  )
}

function Tiles({ user, credits, limits, topUpUrl }: Me) {
  const plan = useOwnPlan().data?.plan
  const limit = limits.rateLimitPerMinute
  return (
    <SimpleGrid cols={{ base: 1, xs: 2, lg: 4 }}>
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
      <StatTile
        label="Plan"
        value={plan?.name ?? 'none'}
        hint={plan && `${formatInteger(plan.credits)} credits a ${plan.every}, next on ${formatDay(plan.periodEnd)}`}
      />
      <StatTile label="Queries a minute" value={limit === null ? 'unlimited' : formatInteger(limit)} />
      <StatTile label="Signed in as" value={user.username} hint={user.email} />
    </SimpleGrid>
  )
}
