import { SimpleGrid, Text } from '@mantine/core'
import { useMemo, type ReactNode } from 'react'
import { Chart } from '../charts/chart'
import { DataTable, type Column } from '../components/data-table'
import { formatInteger, formatPercent } from '../components/format'

/** What one of them used. */
export interface UsageShare {
  id: string
  /** of the picture */
  label: string
  /** in the table; the label when not given */
  name?: ReactNode
  requests: number
  creditsUsed: number
  errors: number
}

interface UsageSharesProps {
  /** "key" */
  what: string
  shares: UsageShare[]
}

/** More of them are one slice: nobody tells them apart. */
const MAX_SLICES = 7

/** Who or what the credits went to: a ring with shares, and all figures. */
export function UsageShares({ what, shares }: UsageSharesProps) {
  const total = shares.reduce((sum, { creditsUsed }) => sum + creditsUsed, 0)
  const columns = useMemo(() => columnsOf(what, total), [what, total])
  if (shares.length === 0)
    return (
      <Text size="sm" c="dimmed">
        No request in this time.
      </Text>
    )
  return (
    <SimpleGrid cols={{ base: 1, md: total > 0 ? 2 : 1 }} spacing="lg">
      {total > 0 && <Ring what={what} shares={shares} />}
      <DataTable label={`Usage by ${what}`} columns={columns} rows={shares} rowKey={({ id }) => id} minWidth={440} />
    </SimpleGrid>
  )
}

function Ring({ what, shares }: UsageSharesProps) {
  const slices = useMemo(() => slicesOf(shares), [shares])
  const labels = useMemo(() => slices.map(({ label }) => label), [slices])
  const series = useMemo(
    () => [{ label: 'Credits used', values: slices.map(({ creditsUsed }) => creditsUsed) }],
    [slices],
  )
  return (
    <Chart
      kind="doughnut"
      label={`Credits used by ${what}`}
      labels={labels}
      series={series}
      formatValue={formatInteger}
      height={240}
    />
  )
}

/** Those that used credits, the small ones together. */
export function slicesOf(shares: UsageShare[]): Pick<UsageShare, 'label' | 'creditsUsed'>[] {
  const used = shares.filter(({ creditsUsed }) => creditsUsed > 0)
  if (used.length <= MAX_SLICES + 1) return used
  const rest = used.slice(MAX_SLICES)
  const creditsUsed = rest.reduce((sum, each) => sum + each.creditsUsed, 0)
  return [...used.slice(0, MAX_SLICES), { label: `${rest.length} others`, creditsUsed }]
}

function columnsOf(what: string, total: number): Column<UsageShare>[] {
  return [
    {
      title: what.charAt(0).toUpperCase() + what.slice(1),
      render: ({ name, label }) => <span className="breakable">{name ?? label}</span>,
    },
    { title: 'Credits', numeric: true, render: ({ creditsUsed }) => formatInteger(creditsUsed) },
    {
      title: 'Share',
      numeric: true,
      render: ({ creditsUsed }) => (total === 0 ? '—' : formatPercent(creditsUsed / total)),
    },
    { title: 'Requests', numeric: true, render: ({ requests }) => formatInteger(requests) },
    { title: 'Errors', numeric: true, render: ({ errors }) => formatInteger(errors) },
  ]
}
