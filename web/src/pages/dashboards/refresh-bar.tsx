import { Button, Group, Switch, Text } from '@mantine/core'
import { IconRefresh } from '@tabler/icons-react'
import { useState } from 'react'
import type { Board } from '../../boards/boards'
import { formatTime } from '../../components/format'
import { useCurrentSession } from '../../session/session-context'
import { creditsText, useMe } from '../explore/credits'
import { everyText } from './intervals'
import { useRefresh } from './use-refresh'
import type { useTileResults } from './use-tile-results'

interface RefreshBarProps {
  board: Board
  results: ReturnType<typeof useTileResults>
  /** in credits; undefined until it is known */
  cost: number | undefined
}

/** What a refresh costs, before it is paid; and how old the results are. */
export function RefreshBar({ board, results, cost }: RefreshBarProps) {
  const { userId } = useCurrentSession()
  const me = useMe()
  const isFree = userId === null
  const { refreshSeconds } = board
  const [isAutomatic, setAutomatic] = useState(isFree)
  useRefresh({
    seconds: refreshSeconds,
    // Nobody is asked for more where a tile could not be paid.
    isOn: isAutomatic && !results.hasFailed,
    refresh: () => results.load(),
  })
  const price = isFree ? 'Free with the root key' : cost === undefined ? 'Looking up what it costs…' : costText(cost)
  const isPoor = cost !== undefined && me.data !== undefined && me.data.credits < cost
  return (
    <Group gap="md">
      <Button
        variant={results.loadedAt === undefined ? 'filled' : 'default'}
        leftSection={<IconRefresh size={16} />}
        loading={results.isLoading}
        onClick={() => results.load()}
      >
        {results.loadedAt === undefined ? 'Load' : 'Refresh'}
      </Button>
      <Text size="sm" className={isPoor ? 'warning' : 'figures'}>
        {price}
        {me.data && `; you have ${creditsText(me.data.credits)}`}.
        {results.loadedAt !== undefined && ` As of ${formatTime(new Date(results.loadedAt).toISOString())}.`}
      </Text>
      {refreshSeconds !== null && (
        <Switch
          label={everyText(refreshSeconds)}
          description={isFree || cost === undefined ? undefined : `${creditsText(cost)} each time`}
          checked={isAutomatic}
          onChange={(event) => setAutomatic(event.currentTarget.checked)}
        />
      )}
    </Group>
  )
}

function costText(cost: number): string {
  return `All tiles cost ${creditsText(cost)}`
}
