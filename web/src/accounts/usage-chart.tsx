import { SegmentedControl, Stack } from '@mantine/core'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useMemo, useState } from 'react'
import { request } from '../api/http'
import { Chart } from '../charts/chart'
import { formatInteger } from '../components/format'
import { Loaded } from '../components/loaded'
import type { UsageDay } from './types'

const SPANS = ['7', '30', '90']

/** Requests, credits and errors a day: a user's, or one's own. */
export function UsageChart({ userId }: { userId?: string }) {
  const [days, setDays] = useState('30')
  const query = useQuery({
    queryKey: ['usage', userId, days],
    queryFn: async ({ signal }): Promise<{ data: UsageDay[] }> => {
      const span = { query: { days }, signal }
      return userId === undefined
        ? ((await request('GET /v1/me/usage', span)) as { data: UsageDay[] })
        : request('GET /v1/admin/users/{id}/usage', { path: { id: userId }, ...span })
    },
    placeholderData: keepPreviousData,
  })
  return (
    <Stack gap="sm">
      <SegmentedControl
        aria-label="Days shown"
        size="xs"
        w="fit-content"
        value={days}
        onChange={setDays}
        data={SPANS.map((span) => ({ value: span, label: `${span} days` }))}
      />
      <Loaded query={query}>{({ data }) => <UsageBars usage={data} />}</Loaded>
    </Stack>
  )
}

function UsageBars({ usage }: { usage: UsageDay[] }) {
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
