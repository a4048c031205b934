import { Button } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { IconRefresh } from '@tabler/icons-react'
import { formatAgo, formatDuration, formatInstant } from '../../components/format'
import { useCurrentSession } from '../../session/session-context'
import { mayChange } from '../../session/use-session'
import { useRefreshViews, useViews } from './queries'

export function Freshness() {
  const { data } = useViews()
  if (!data) return <>Reports on what was sold.</>
  if (data.refreshedAt === null) return <>The reports follow the data within seconds. Nothing was loaded yet.</>
  const failed = data.data.some(({ lastError }) => lastError !== null)
  return (
    <span title={formatInstant(data.refreshedAt)}>
      Reports as of {formatAgo(data.refreshedAt)}.{failed && ' The last refresh failed: see Views.'}
    </span>
  )
}

export function RefreshButton() {
  const session = useCurrentSession()
  const refresh = useRefreshViews()
  if (!mayChange(session)) return null
  const run = () =>
    refresh.mutate(undefined, {
      onSuccess: ({ durationMs }) =>
        notifications.show({ color: 'teal', message: `The views were refreshed in ${formatDuration(durationMs)}.` }),
      onError: (error) => notifications.show({ color: 'red', title: 'Not refreshed', message: error.message }),
    })
  return (
    <Button variant="default" leftSection={<IconRefresh size={16} />} loading={refresh.isPending} onClick={run}>
      Refresh the views
    </Button>
  )
}
