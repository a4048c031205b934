import { Anchor, SimpleGrid } from '@mantine/core'
import { Link } from 'react-router'
import { formatDecimal, formatInteger } from '../../components/format'
import { StatTile } from '../../components/stat-tile'
import { useLive } from '../../live/use-live'

/** The events' totals, as they move; nothing while the live stream is out of reach. */
export function LiveTiles() {
  const { connection, figures } = useLive()
  if (!figures || connection.status !== 'live') return null
  return (
    <SimpleGrid cols={{ base: 1, xs: 3 }}>
      <StatTile
        label="Total events"
        value={formatInteger(figures.totalEvents)}
        hint={
          <Anchor component={Link} to="/live" size="xs">
            Watch them live
          </Anchor>
        }
      />
      <StatTile
        label="Events per second"
        value={formatDecimal(figures.eventsPerSecond)}
        hint="mean of the last ten seconds"
      />
      <StatTile
        label="Event types"
        value={formatInteger(figures.eventsByType.size)}
        hint={`from ${formatInteger(figures.eventsBySource.size)} sources`}
      />
    </SimpleGrid>
  )
}
