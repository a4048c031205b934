import { Badge, Text } from '@mantine/core'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { request } from '../api/http'
import { PAGE_SIZE } from '../api/page'
import { CopyableId } from '../components/copyable-id'
import { DataTable, type Column } from '../components/data-table'
import { EmptyState } from '../components/empty-state'
import { formatInstant, formatInteger, formatSigned } from '../components/format'
import { Loaded } from '../components/loaded'
import { Pager } from '../components/pager'
import type { LedgerEntry } from './types'

const COLUMNS: Column<LedgerEntry>[] = [
  { title: 'When', render: ({ createdAt }) => <span className="unbroken">{formatInstant(createdAt)}</span> },
  {
    title: 'What',
    render: ({ type }) => (
      <Badge variant="light" color={type === 'charge' ? 'gray' : undefined} tt="none">
        {type}
      </Badge>
    ),
  },
  { title: 'Amount', numeric: true, render: ({ amount }) => formatSigned(amount) },
  { title: 'Balance after', numeric: true, render: ({ balanceAfter }) => formatInteger(balanceAfter) },
  {
    title: 'Reason',
    render: ({ reason, requestId }) => (
      <>
        {reason && (
          <Text size="sm" className="breakable">
            {reason}
          </Text>
        )}
        {requestId && <CopyableId id={requestId} label="the request ID" />}
      </>
    ),
  },
]

/** Everything that moved a balance, newest first: a user's, or one's own. */
export function LedgerTable({ userId }: { userId?: string }) {
  const [offset, setOffset] = useState(0)
  const query = useQuery({
    queryKey: ['ledger', userId, offset],
    queryFn: ({ signal }) => {
      const page = { query: { limit: PAGE_SIZE, offset }, signal }
      return userId === undefined
        ? request('GET /v1/me/ledger', page)
        : request('GET /v1/admin/users/{id}/ledger', { path: { id: userId }, ...page })
    },
    placeholderData: keepPreviousData,
    refetchOnMount: 'always',
  })
  return (
    <Loaded query={query}>
      {({ data, pagination }) =>
        data.length === 0 ? (
          <EmptyState title="Nothing has moved the balance yet">
            Grants and charges appear here as they happen.
          </EmptyState>
        ) : (
          <>
            <DataTable label="Ledger" columns={COLUMNS} rows={data} rowKey={({ id }) => id} minWidth={720} />
            <Pager {...pagination} onChange={setOffset} />
          </>
        )
      }
    </Loaded>
  )
}
