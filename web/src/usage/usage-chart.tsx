import { useMemo } from 'react'
import type { Schemas } from '../api/http'
import { Chart } from '../charts/chart'
import { formatInteger } from '../components/format'
import { Loaded } from '../components/loaded'
import { useUsage } from './use-usage'

/** Requests, credits and errors a day. */
export function UsageChart({ days, userId }: { days: string; userId: string | undefined }) {
  const usage = useUsage('day', days, userId)
  return <Loaded query={usage}>{(data) => <UsageBars usage={data} />}</Loaded>
}

function UsageBars({ usage }: { usage: Schemas['UsageDay'][] }) {
  const labels = useMemo(() => usage.map(({ date }) => date), [usage])
  const series = useMemo(
    () => [
      { label: 'Requests', values: usage.map(({ requests }) => requests) },
      { label: 'Credits used', values: usage.map(({ creditsUsed }) => creditsUsed) },
      { label: 'Errors', values: usage.map(({ errors }) => errors) },
    ],
    [usage],
  )
  return (
    <Chart
      kind="bar"
      label="Requests, credits used and errors a day"
      labels={labels}
      series={series}
      formatValue={formatInteger}
    />
  )
}
