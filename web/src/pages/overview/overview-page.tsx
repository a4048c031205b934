import { SimpleGrid } from '@mantine/core'
import { Loaded } from '../../components/loaded'
import { Page } from '../../components/page'
import { useLiveInvalidation } from '../../live/use-live'
import { Datasets } from './datasets'
import { FirstSteps } from './first-steps'
import { LatestIngestions } from './latest-ingestions'
import { LiveTiles } from './live-tiles'
import { keysChangedBy, useStats } from './queries'
import { StatTiles } from './stat-tiles'
import { TopEndpoints } from './top-endpoints'
import { TrafficCharts } from './traffic-charts'

export default function OverviewPage() {
  const stats = useStats()
  useLiveInvalidation(keysChangedBy)
  return (
    <Page title="Overview" description="Traffic, credits and data at a glance. Days are UTC days.">
      <LiveTiles />
      <Loaded query={stats}>
        {(data) => (
          <>
            <FirstSteps stats={data} />
            <StatTiles stats={data} />
            <TrafficCharts days={data.dailyUsage} />
            <SimpleGrid cols={{ base: 1, lg: 2 }}>
              <LatestIngestions />
              <Datasets datasets={data.datasets} />
            </SimpleGrid>
            <TopEndpoints endpoints={data.topEndpoints} />
          </>
        )}
      </Loaded>
    </Page>
  )
}
