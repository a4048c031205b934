import { Badge, Code, Text } from '@mantine/core'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { request } from '../api/http'
import { PAGE_SIZE, type Page } from '../api/page'
import { DataTable, type Column } from '../components/data-table'
import { EmptyState } from '../components/empty-state'
import { formatInstant, formatInteger } from '../components/format'
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
  {
    title: 'Amount',
    numeric: true,
    render: ({ amount }) => `${amount > 0 ? '+' : '−'}${formatInteger(Math.abs(amount))}`,
  },
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
        {requestId && <Code>{requestId}</Code>}
      </>
    ),
  },
]

/** Everything that moved a balance, newest first; `path` is the route of the account's ledger. */
export function LedgerTable({ path }: { path: string }) {
  const [offset, setOffset] = useState(0)
  const query = useQuery({
    queryKey: ['ledger', path, offset],
    queryFn: ({ signal }) => request<Page<LedgerEntry>>('GET', path, { query: { limit: PAGE_SIZE, offset }, signal }),
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
