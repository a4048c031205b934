import { Badge, Button, Stack, Text } from '@mantine/core'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { request } from '../../api/http'
import { PAGE_SIZE } from '../../api/page'
import { CopyableId } from '../../components/copyable-id'
import { DataTable, type Column } from '../../components/data-table'
import { EmptyState } from '../../components/empty-state'
import { formatInstant } from '../../components/format'
import { Loaded } from '../../components/loaded'
import { Pager } from '../../components/pager'
import { ProblemAlert } from '../../components/problem-alert'
import { Section } from '../../components/section'
import { useCurrentSession } from '../../session/session-context'
import { mayChange } from '../../session/use-session'
import { useWebhookChange, type Delivery, type Webhook } from './webhooks'

const REFRESH_MS = 2_000

const COLORS: Record<Delivery['status'], string> = {
  pending: 'blue',
  delivered: 'teal',
  failed: 'red',
  canceled: 'gray',
}

/** What was sent, newest first; it follows what is on its way. */
export function Deliveries({ webhook }: { webhook: Webhook }) {
  const [offset, setOffset] = useState(0)
  const session = useCurrentSession()
  const path = { id: webhook.id }
  const deliveries = useQuery({
    queryKey: ['webhooks', 'deliveries', webhook.id, offset],
    queryFn: ({ signal }) =>
      request('GET /v1/admin/webhooks/{id}/deliveries', { path, query: { limit: PAGE_SIZE, offset }, signal }),
    placeholderData: keepPreviousData,
    refetchInterval: ({ state }) => (state.data?.data.some(({ status }) => status === 'pending') ? REFRESH_MS : false),
  })
  const resend = useWebhookChange(({ id }: Delivery) =>
    request('POST /v1/admin/webhooks/{id}/deliveries/{deliveryId}/resend', { path: { ...path, deliveryId: id } }),
  )
  const maySend = mayChange(session) && webhook.status === 'active'
  const columns = maySend ? [...COLUMNS, resendColumn(resend.mutate)] : COLUMNS
  return (
    <Section title="Deliveries" description="Failed ones are tried again for 24 hours, under the same id.">
      {resend.error && <ProblemAlert error={resend.error} />}
      <Loaded query={deliveries}>
        {({ data, pagination }) =>
          data.length === 0 ? (
            <EmptyState title="Nothing sent yet">Send a test to see whether the receiver takes it.</EmptyState>
          ) : (
            <>
              <DataTable label="Deliveries" columns={columns} rows={data} rowKey={({ id }) => id} minWidth={820} />
              <Pager {...pagination} onChange={setOffset} />
            </>
          )
        }
      </Loaded>
    </Section>
  )
}

const COLUMNS: Column<Delivery>[] = [
  { title: 'Happened', render: ({ createdAt }) => <span className="unbroken">{formatInstant(createdAt)}</span> },
  {
    title: 'Event',
    render: ({ id, event }) => (
      <Stack gap={0}>
        <span className="unbroken">{event}</span>
        <CopyableId id={id} label="the webhook-id of this delivery" />
      </Stack>
    ),
  },
  {
    title: 'Status',
    render: ({ status }) => (
      <Badge variant="light" color={COLORS[status]} tt="none">
        {status}
      </Badge>
    ),
  },
  { title: 'Tries', numeric: true, render: ({ attempts }) => attempts },
  {
    title: 'Last response',
    render: ({ lastStatus, lastError }) => (
      <Text size="sm" className="breakable">
        {lastError ?? lastStatus ?? '—'}
      </Text>
    ),
  },
  {
    title: 'Next try',
    render: ({ nextAttemptAt }) => (
      <span className="unbroken">{nextAttemptAt ? formatInstant(nextAttemptAt) : '—'}</span>
    ),
  },
]

function resendColumn(resend: (delivery: Delivery) => void): Column<Delivery> {
  return {
    title: 'Resend',
    render: (delivery) => (
      <Button size="compact-xs" variant="default" onClick={() => resend(delivery)}>
        Resend
      </Button>
    ),
  }
}
