import { Button, Tabs } from '@mantine/core'
import { IconPlayerPause, IconPlayerPlay } from '@tabler/icons-react'
import { useState } from 'react'
import { useLocation, useNavigate, useParams } from 'react-router'
import { Page } from '../../components/page'
import type { LiveState } from '../../live/live-store'
import { useLive } from '../../live/use-live'
import { ConnectionStatus } from './connection-status'
import { EngineeringTab } from './engineering-tab'
import { NoEvents } from './no-events'
import { StreamTab } from './stream-tab'
import { VisualizationTab } from './visualization-tab'

const TABS = [
  { value: 'engineering', label: 'Data Engineering', Tab: EngineeringTab },
  { value: 'streams', label: 'Stream Processing', Tab: StreamTab },
  { value: 'visualization', label: 'Visualization', Tab: VisualizationTab },
]

/** The events as they come. Who wants to read in peace holds the picture; the stream goes on behind it. */
export default function LivePage() {
  const live = useLive()
  const [held, setHeld] = useState<LiveState>()
  const { search } = useLocation()
  const navigate = useNavigate()
  const path = useParams()['*'] ?? ''
  const { figures, slices } = held ?? live
  return (
    <Page
      title="Live"
      description={<ConnectionStatus connection={live.connection} isHeld={held !== undefined} />}
      actions={
        <Button
          variant="default"
          leftSection={held ? <IconPlayerPlay size={16} /> : <IconPlayerPause size={16} />}
          onClick={() => setHeld(held ? undefined : live)}
          disabled={!figures}
        >
          {held ? 'Resume' : 'Pause'}
        </Button>
      }
    >
      <Tabs
        value={TABS.find(({ value }) => value === path)?.value ?? TABS[0]!.value}
        onChange={(tab) => void navigate({ pathname: `/live/${tab}`, search })}
        keepMounted={false}
      >
        <Tabs.List mb="md">
          {TABS.map(({ value, label }) => (
            <Tabs.Tab key={value} value={value}>
              {label}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        {TABS.map(({ value, Tab }) => (
          <Tabs.Panel key={value} value={value}>
            {figures && figures.totalEvents > 0 ? (
              <Tab figures={figures} slices={slices} />
            ) : (
              <NoEvents isWaiting={!figures} />
            )}
          </Tabs.Panel>
        ))}
      </Tabs>
    </Page>
  )
}
