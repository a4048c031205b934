import { Box } from '@mantine/core'
import { IconPlugConnectedX } from '@tabler/icons-react'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useEffect, useRef } from 'react'
import { send } from '../api/http'
import { ErrorAlert } from '../components/error-alert'
import { useIsReachable } from '../api/reachability'

const POLL_INTERVAL_MS = 2_000

/** Says that the server does not respond; when it does again, what is shown is fetched again. */
export function ConnectionNotice() {
  const isReachable = useIsReachable()
  const client = useQueryClient()
  const wasReachable = useRef(true)
  useQuery({
    queryKey: ['sign-of-life'],
    queryFn: ({ signal }) => send('GET /health/live', { signal }).then(() => true),
    enabled: !isReachable,
    refetchInterval: POLL_INTERVAL_MS,
    retry: false,
    staleTime: 0,
    gcTime: 0,
  })
  useEffect(() => {
    if (isReachable && !wasReachable.current) void client.invalidateQueries()
    wasReachable.current = isReachable
  }, [client, isReachable])
  return (
    <div role="status">
      {!isReachable && (
        <Box mb="md">
          <ErrorAlert icon={<IconPlugConnectedX />} title="The server does not respond">
            What is shown may be old. It is fetched again every {POLL_INTERVAL_MS / 1000} seconds, and the page goes on
            by itself when it is back.
          </ErrorAlert>
        </Box>
      )}
    </div>
  )
}
