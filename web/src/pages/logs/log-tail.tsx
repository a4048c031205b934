import { Group, Loader, Stack, Text } from '@mantine/core'
import { EmptyState } from '../../components/empty-state'
import { Loaded } from '../../components/loaded'
import type { LogFilters } from './filters'
import { LogTable } from './log-table'
import { TAIL_LINES, useLogTail } from './queries'

/** The newest lines as they come. */
export function LogTail({ filters }: { filters: LogFilters }) {
  const tail = useLogTail(filters)
  return (
    <Stack gap="sm">
      <Group gap="xs" role="status">
        <Loader type="dots" size="sm" aria-hidden />
        <Text size="sm" c="dimmed">
          The newest {TAIL_LINES} requests, updated every two seconds.
        </Text>
      </Group>
      <Loaded query={tail}>
        {({ data }) =>
          data.length === 0 ? (
            <EmptyState title="Waiting for requests">They appear here within seconds.</EmptyState>
          ) : (
            <LogTable lines={data} />
          )
        }
      </Loaded>
    </Stack>
  )
}
