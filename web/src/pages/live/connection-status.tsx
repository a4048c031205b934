import { Anchor, Badge, Group, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { request } from '../../api/http'
import type { ConnectionState } from '../../live/live-connection'
import { liveStore } from '../../live/live-store'

const LOOKS = {
  connecting: { color: 'yellow', text: 'Connecting…' },
  live: { color: 'teal', text: 'Live' },
  waiting: { color: 'red', text: 'Not connected' },
}

/** Whether the page is up to date. It is read out when it changes, not while it counts down. */
export function ConnectionStatus({ connection, isHeld }: { connection: ConnectionState; isHeld: boolean }) {
  useSessionCheck(connection.status === 'waiting')
  const { color, text } = LOOKS[connection.status]
  return (
    <Group gap="xs" mt={4}>
      <Badge variant="dot" color={color} tt="none" size="lg" role="status" data-connection={connection.status}>
        {text}
        {isHeld && ', picture held'}
      </Badge>
      {connection.status === 'waiting' && (
        <Text component="span" size="sm">
          {connection.reason} Trying again{secondsUntil(connection.retryAtMs)}.{' '}
          <Anchor component="button" size="sm" onClick={liveStore.retryNow}>
            Try now
          </Anchor>
        </Text>
      )}
    </Group>
  )
}

function secondsUntil(timeMs: number): string {
  const seconds = Math.round((timeMs - Date.now()) / 1000)
  return seconds < 1 ? ' now' : ` in ${seconds} s`
}

/** A WebSocket does not say why it was refused. A response of 401 here leads to the sign-in. */
function useSessionCheck(isEnabled: boolean): void {
  useQuery({
    queryKey: ['live', 'session-check'],
    queryFn: ({ signal }) => request('GET /v1/session', { signal }),
    enabled: isEnabled,
    retry: false,
    staleTime: 0,
    gcTime: 0,
    refetchInterval: 5_000,
  })
}
