import { Anchor, SimpleGrid } from '@mantine/core'
import { Link } from 'react-router'
import { formatDuration, formatInteger, formatPercent } from '../../components/format'
import { StatTile } from '../../components/stat-tile'
import type { Stats } from './queries'

export function StatTiles({ stats }: { stats: Stats }) {
  const p95Ms = stats.dailyUsage.at(-1)?.p95Ms ?? null
  return (
    <SimpleGrid cols={{ base: 2, md: 3, xl: 6 }}>
      <StatTile
        label="Requests today"
        value={formatInteger(stats.requestsToday)}
        hint={`${formatInteger(stats.requests)} in all`}
      />
      <StatTile
        label="Credits used today"
        value={formatInteger(stats.creditsUsedToday)}
        hint={`${formatInteger(stats.creditsUsed)} in all`}
      />
      <StatTile label="Errors today" value={formatInteger(stats.errorsToday)} hint={shareOfErrors(stats)} />
      <StatTile
        label="p95 latency"
        value={p95Ms === null ? '–' : formatDuration(p95Ms)}
        hint="today, to within a fifth"
      />
      <StatTile
        label="Users"
        value={
          <Anchor component={Link} to="/users" inherit>
            {formatInteger(stats.users)}
          </Anchor>
        }
        hint={`${formatInteger(stats.activeUsers)} active in 30 days, ${formatInteger(stats.newUsersToday)} new today`}
      />
      <LowCreditTile count={stats.lowCreditUsers} />
    </SimpleGrid>
  )
}

function LowCreditTile({ count }: { count: number }) {
  return (
    <StatTile
      label="Low on credits"
      value={
        count === 0 ? (
          '0'
        ) : (
          <Anchor
            component={Link}
            to="/users?role=member&status=active&maxCredits=9"
            inherit
            aria-label={`${count} users who are low on credits`}
          >
            {formatInteger(count)}
          </Anchor>
        )
      }
      hint="active members with fewer than 10"
    />
  )
}

function shareOfErrors({ requestsToday, errorsToday }: Stats): string {
  if (requestsToday === 0) return 'no request yet'
  return `${formatPercent(errorsToday / requestsToday)} of today's requests`
}
