import { Button, Group, Stack, Text } from '@mantine/core'
import { IconChevronLeft, IconChevronRight } from '@tabler/icons-react'
import { EmptyState } from '../../components/empty-state'
import { formatInteger } from '../../components/format'
import { Loaded } from '../../components/loaded'
import type { LogFilters } from './filters'
import { LogTable } from './log-table'
import { useLogPage } from './queries'
import { useLogPosition } from './use-log-position'

/** The log page by page, newest first; lines that come meanwhile move nothing. */
export function LogHistory({ filters, isFiltered }: { filters: LogFilters; isFiltered: boolean }) {
  const { cursor, newest, newer, older } = useLogPosition()
  const page = useLogPage(filters, cursor)
  return (
    <Loaded query={page}>
      {({ data, pagination: { total, totalIsExact, nextCursor } }) => (
        <Stack gap="sm" aria-busy={page.isPlaceholderData}>
          {data.length === 0 ? <NoLines isFiltered={isFiltered} /> : <LogTable lines={data} />}
          <Group justify="space-between">
            <Text size="sm" c="dimmed">
              {totalIsExact ? '' : 'about '}
              {formatInteger(total)} {total === 1 ? 'line' : 'lines'}
            </Text>
            <Group gap="xs">
              <Button size="xs" variant="default" disabled={!newest} onClick={newest}>
                Newest
              </Button>
              <Button
                size="xs"
                variant="default"
                disabled={!newer}
                onClick={newer}
                leftSection={<IconChevronLeft size={14} />}
              >
                Newer
              </Button>
              <Button
                size="xs"
                variant="default"
                disabled={nextCursor === null}
                onClick={() => nextCursor !== null && older(nextCursor)}
                rightSection={<IconChevronRight size={14} />}
              >
                Older
              </Button>
            </Group>
          </Group>
        </Stack>
      )}
    </Loaded>
  )
}

function NoLines({ isFiltered }: { isFiltered: boolean }) {
  if (isFiltered) return <EmptyState title="No requests match">Change the filters, or clear them.</EmptyState>
  return <EmptyState title="No request yet">Every request to the server gets a line here within a second.</EmptyState>
}
