import { Progress, SimpleGrid, Stack, Text } from '@mantine/core'
import type { Key } from '../../accounts/types'
import type { Schemas } from '../../api/http'
import { DataTable, type Column } from '../../components/data-table'
import { EmptyState } from '../../components/empty-state'
import { formatInstant, formatInteger } from '../../components/format'
import { Loaded } from '../../components/loaded'
import { Section } from '../../components/section'
import { StatTile } from '../../components/stat-tile'
import { nameOfKey, periodOf } from '../../keys/key-columns'
import { useOwnKeys } from './use-own-keys'
import { useOwnPlan } from './use-own-plan'

/** What the account is granted and when, and what is left of each limit. */
export function PlanTab({ rateLimitPerMinute }: { rateLimitPerMinute: number | null }) {
  const plan = useOwnPlan()
  return (
    <Stack>
      <Section title="Plan">
        <Loaded query={plan}>
          {({ plan: current }) =>
            current ? (
              <PlanView {...current} />
            ) : (
              <EmptyState title="No plan">
                A plan grants credits at the start of each period. This account gets its credits one by one: the ledger
                has them.
              </EmptyState>
            )
          }
        </Loaded>
      </Section>
      <Limits rateLimitPerMinute={rateLimitPerMinute} />
    </Stack>
  )
}

function PlanView({ name, credits, every, rollOver, granted, periodStart, periodEnd }: Schemas['OwnPlan']) {
  return (
    <>
      <SimpleGrid cols={{ base: 1, xs: 2, lg: 4 }}>
        <StatTile label="Your plan" value={name} />
        <StatTile label={`Credits each ${every}`} value={formatInteger(credits)} />
        <StatTile
          label="Granted for this period"
          value={formatInteger(granted)}
          hint={`since ${formatInstant(periodStart)}`}
        />
        <StatTile label="Next grant" value={`+${formatInteger(credits)}`} hint={formatInstant(periodEnd)} />
      </SimpleGrid>
      <Text size="sm">
        {rollOver
          ? 'What is left of a period stays in your balance.'
          : 'What is left of a period expires when the next one begins.'}
      </Text>
    </>
  )
}

/** A key with a limit on what it may spend. */
type LimitedKey = Key & { creditLimit: NonNullable<Key['creditLimit']>; creditUsage: NonNullable<Key['creditUsage']> }

function Limits({ rateLimitPerMinute }: { rateLimitPerMinute: number | null }) {
  const keys = useOwnKeys()
  return (
    <Section
      title="Limits"
      description={
        rateLimitPerMinute === null
          ? 'Queries are not limited by the minute.'
          : `${formatInteger(rateLimitPerMinute)} queries a minute; free requests may come ten times as often.`
      }
    >
      <Loaded query={keys}>
        {({ data }) => {
          const limited = data.filter(isLimited)
          if (limited.length === 0)
            return (
              <Text size="sm" c="dimmed">
                None of your keys has a limit on what it may spend: each may use all credits of the account.
              </Text>
            )
          return (
            <DataTable label="Credit limits" columns={LIMITS} rows={limited} rowKey={({ id }) => id} minWidth={560} />
          )
        }}
      </Loaded>
    </Section>
  )
}

function isLimited(key: Key): key is LimitedKey {
  return key.status === 'active' && key.creditLimit !== null && key.creditUsage !== null
}

const LIMITS: Column<LimitedKey>[] = [
  { title: 'Key', render: (key) => <span className="breakable">{nameOfKey(key)}</span> },
  {
    title: 'Credit limit',
    render: ({ creditLimit }) => `${formatInteger(creditLimit.credits)} ${periodOf(creditLimit)}`,
  },
  { title: 'Used', render: UsedBar, width: 160 },
  { title: 'Left', numeric: true, render: (key) => formatInteger(leftOf(key)) },
  {
    title: 'Starts again',
    render: ({ creditUsage: { resetsAt } }) => (resetsAt ? formatInstant(resetsAt) : 'never'),
  },
]

function UsedBar({ creditLimit, creditUsage, ...key }: LimitedKey) {
  return (
    <>
      {formatInteger(creditUsage.used)}
      <Progress
        value={(creditUsage.used / creditLimit.credits) * 100}
        color={creditUsage.used >= creditLimit.credits ? 'red' : undefined}
        aria-label={`Used by ${nameOfKey(key)}`}
      />
    </>
  )
}

function leftOf({ creditLimit, creditUsage }: LimitedKey): number {
  return Math.max(0, creditLimit.credits - creditUsage.used)
}
