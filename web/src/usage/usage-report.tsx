import { Code, SegmentedControl, Stack } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useMemo, useState } from 'react'
import { request, type Schemas } from '../api/http'
import { Loaded } from '../components/loaded'
import { Section } from '../components/section'
import { UsageChart } from './usage-chart'
import { UsageShares, type UsageShare } from './usage-shares'
import { useUsage } from './use-usage'

const SPANS = [
  { value: '7', label: '7 days' },
  { value: '30', label: '30 days' },
  { value: '90', label: '90 days' },
  { value: '365', label: '1 year' },
]

/** What an account used: by day, key and dataset; a user's, or one's own. */
export function UsageReport({ userId }: { userId?: string }) {
  const [days, setDays] = useState('30')
  return (
    <Stack>
      <SegmentedControl
        aria-label="Days shown"
        size="xs"
        w="fit-content"
        value={days}
        onChange={setDays}
        data={SPANS}
      />
      <Section title="By day" description="Days are those of UTC.">
        <UsageChart days={days} userId={userId} />
      </Section>
      <Section title="By key">
        <ByKey days={days} userId={userId} />
      </Section>
      <Section title="By dataset">
        <ByDataset days={days} userId={userId} />
      </Section>
    </Stack>
  )
}

interface PartProps {
  days: string
  userId: string | undefined
}

function ByKey({ days, userId }: PartProps) {
  const usage = useUsage('key', days, userId)
  return <Loaded query={usage}>{(data) => <UsageShares what="key" shares={data.map(shareOfKey)} />}</Loaded>
}

function shareOfKey({ keyId, name, prefix, ...sums }: Schemas['UsageOfKey']): UsageShare {
  const code = prefix === null ? undefined : `${prefix}…`
  const label = name ?? code ?? 'Before usage was kept by key'
  return {
    ...sums,
    id: keyId ?? '',
    label,
    name:
      name !== null && code ? (
        <>
          {name} <Code>{code}</Code>
        </>
      ) : (
        label
      ),
  }
}

function ByDataset({ days, userId }: PartProps) {
  const usage = useUsage('dataset', days, userId)
  const titles = useDatasetTitles()
  return (
    <Loaded query={usage}>
      {(data) => (
        <UsageShares
          what="dataset"
          shares={data.map(({ dataset, ...sums }) => ({
            ...sums,
            id: dataset ?? '',
            label: dataset === null ? 'Other requests' : (titles.get(dataset) ?? dataset),
          }))}
        />
      )}
    </Loaded>
  )
}

/** By name; of those that the reader can query. */
export function useDatasetTitles(): ReadonlyMap<string, string> {
  const datasets = useQuery({
    queryKey: ['datasets'],
    queryFn: ({ signal }) => request('GET /v1/datasets', { query: { limit: 500 }, signal }),
  })
  return useMemo(() => new Map(datasets.data?.data.map(({ name, title }) => [name, title])), [datasets.data])
}
