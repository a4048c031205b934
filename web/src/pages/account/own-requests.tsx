import { Button, Group, Select, Text } from '@mantine/core'
import { IconFileTypeCsv } from '@tabler/icons-react'
import { keepPreviousData, useMutation, useQuery } from '@tanstack/react-query'
import { useMemo, useState } from 'react'
import { download } from '../../api/download'
import { request, send, type Schemas } from '../../api/http'
import { PAGE_SIZE } from '../../api/page'
import { DataTable, type Column } from '../../components/data-table'
import { EmptyState } from '../../components/empty-state'
import { formatDuration, formatInstant, formatInteger } from '../../components/format'
import { Loaded } from '../../components/loaded'
import { Pager } from '../../components/pager'
import { ProblemAlert } from '../../components/problem-alert'
import { Section } from '../../components/section'
import { nameOfKey } from '../../keys/key-columns'
import { useDatasetTitles } from '../../usage/usage-report'
import { StatusBadge } from '../logs/statuses'
import { useOwnKeys } from './use-own-keys'

const PATH = 'GET /v1/me/requests'

interface Filters {
  keyId: string | null
  dataset: string | null
  status: string | null
}

/** Those that say what to do something about, and the usual one. */
const STATUSES = [
  { value: '200', label: '200 OK' },
  { value: '400', label: '400 Bad request' },
  { value: '402', label: '402 No credits left' },
  { value: '403', label: '403 Not allowed' },
  { value: '404', label: '404 Not found' },
  { value: '429', label: '429 Too many requests' },
]

/** One's own request log, newest first. */
export function OwnRequests() {
  const [filters, setFilters] = useState<Filters>({ keyId: null, dataset: null, status: null })
  const [offset, setOffset] = useState(0)
  const titles = useDatasetTitles()
  const keys = useKeyNames()
  const columns = useMemo(() => columnsWith(titles, keys), [titles, keys])
  const page = useQuery({
    queryKey: ['me', 'requests', filters, offset],
    queryFn: ({ signal }) => request(PATH, { query: { ...filters, limit: PAGE_SIZE, offset }, signal }),
    placeholderData: keepPreviousData,
    refetchOnMount: 'always',
  })
  const save = useMutation({
    mutationFn: () => download('requests.csv', send(PATH, { query: { ...filters }, headers: { accept: 'text/csv' } })),
  })
  const change = (changes: Partial<Filters>) => {
    setFilters({ ...filters, ...changes })
    setOffset(0)
  }
  const downloadButton = (
    <Button
      variant="default"
      leftSection={<IconFileTypeCsv size={16} />}
      loading={save.isPending}
      onClick={() => save.mutate()}
    >
      Download CSV
    </Button>
  )
  return (
    <Section
      title="Requests"
      description="With all of your keys, newest first; refused ones too."
      actions={downloadButton}
    >
      <FilterFields filters={filters} keys={keys} titles={titles} onChange={change} />
      {save.error && <ProblemAlert error={save.error} />}
      <Loaded query={page}>
        {({ data, pagination: { total, totalIsExact, ...pagination } }) =>
          data.length === 0 ? (
            <EmptyState title="No requests match">
              Every request of your keys gets a line here within a second.
            </EmptyState>
          ) : (
            <>
              <DataTable label="Your requests" columns={columns} rows={data} rowKey={({ id }) => id} minWidth={860} />
              {!totalIsExact && (
                <Text size="sm" c="dimmed">
                  There are about {formatInteger(total)}. Download them for all.
                </Text>
              )}
              <Pager limit={pagination.limit} offset={pagination.offset} total={total} onChange={setOffset} />
            </>
          )
        }
      </Loaded>
    </Section>
  )
}

type Names = ReadonlyMap<string, string>

interface FilterFieldsProps {
  filters: Filters
  keys: Names
  titles: Names
  onChange: (changes: Partial<Filters>) => void
}

function FilterFields({ filters, keys, titles, onChange }: FilterFieldsProps) {
  const shared = { placeholder: 'Any', clearable: true, className: 'grows' }
  return (
    <Group role="search" aria-label="Filters of your requests">
      <Select
        {...shared}
        label="Key"
        data={optionsOf(keys)}
        value={filters.keyId}
        onChange={(keyId) => onChange({ keyId })}
      />
      <Select
        {...shared}
        label="Dataset"
        data={optionsOf(titles)}
        value={filters.dataset}
        onChange={(dataset) => onChange({ dataset })}
      />
      <Select
        {...shared}
        label="Status"
        data={STATUSES}
        value={filters.status}
        onChange={(status) => onChange({ status })}
      />
    </Group>
  )
}

function optionsOf(names: Names) {
  return [...names].map(([value, label]) => ({ value, label }))
}

function useKeyNames(): Names {
  const { data } = useOwnKeys()
  return useMemo(() => new Map(data?.data.map((key) => [key.id, nameOfKey(key)])), [data])
}

function columnsWith(titles: Names, keys: Names): Column<Schemas['OwnLogEntry']>[] {
  return [
    { title: 'When', render: ({ timestamp }) => <span className="unbroken">{formatInstant(timestamp)}</span> },
    {
      title: 'Request',
      render: ({ method, endpoint, dataset }) => (
        <>
          <Text size="sm" className="breakable">
            {method} {endpoint}
          </Text>
          {dataset !== null && (
            <Text size="xs" c="dimmed" className="breakable">
              {titles.get(dataset) ?? dataset}
            </Text>
          )}
        </>
      ),
    },
    { title: 'Status', render: ({ status }) => <StatusBadge status={status} /> },
    { title: 'Took', numeric: true, render: ({ durationMs }) => formatDuration(durationMs) },
    { title: 'Credits', numeric: true, render: ({ creditsCharged }) => formatInteger(creditsCharged) },
    {
      title: 'Key',
      render: ({ keyId }) => <span className="breakable">{keyId === null ? '—' : (keys.get(keyId) ?? keyId)}</span>,
    },
    { title: 'Address', render: ({ ip }) => <span className="unbroken">{ip}</span> },
  ]
}
