import { Anchor, Button, Select, SimpleGrid, Text } from '@mantine/core'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useMemo, useState } from 'react'
import { UserSelect } from '../../accounts/user-select'
import { useUserNames, type UserNames } from '../../accounts/user-names'
import { request } from '../../api/http'
import { PAGE_SIZE } from '../../api/page'
import { AppliedInput } from '../../components/applied-input'
import { DataTable, type Column } from '../../components/data-table'
import { EmptyState } from '../../components/empty-state'
import { formatInstant } from '../../components/format'
import { Loaded } from '../../components/loaded'
import { Page } from '../../components/page'
import { Pager } from '../../components/pager'
import { PeriodSelect } from '../../components/period-select'
import { TimeInput } from '../../components/time-input'
import { useAddressFilters } from '../../components/use-address-filters'
import { actionOptions, phraseOf } from './actions'
import { Actor, ROOT } from './actor'
import { AuditDetails, type AuditEntry } from './audit-details'
import { factsOf } from './details'

/** Who changed what, when. */
export default function AuditPage() {
  const { filters, change, isFiltered, clear, offset, goTo } = useAddressFilters([
    'actor',
    'action',
    'target',
    'from',
    'to',
  ])
  const entries = useQuery({
    queryKey: ['audit', filters, offset],
    queryFn: ({ signal }) =>
      request('GET /v1/admin/audit', { query: { ...filters, limit: PAGE_SIZE, offset }, signal }),
    placeholderData: keepPreviousData,
  })
  return (
    <Page
      title="Audit"
      description="What admins changed: who, what and when. Keys, secrets and personal data are never kept."
    >
      <SimpleGrid
        cols={{ base: 1, xs: 2, md: 3, lg: 6 }}
        spacing="sm"
        role="search"
        aria-label="Filters of the audit trail"
      >
        <UserSelect
          label="Who"
          userId={filters.actor}
          onChange={(actor) => change({ actor })}
          others={[{ value: ROOT, label: 'the root key' }]}
        />
        <Select
          label="What"
          placeholder="Anything"
          searchable
          clearable
          data={actionOptions()}
          value={filters.action || null}
          onChange={(action) => change({ action: action ?? '' })}
        />
        <PeriodSelect from={filters.from} to={filters.to} onChange={change} />
        <TimeInput label="From" value={filters.from} onChange={(from) => change({ from })} />
        <TimeInput label="Before" value={filters.to} onChange={(to) => change({ to })} />
        <AppliedInput
          label="Acted on"
          placeholder="An ID or a name"
          data={[]}
          value={filters.target}
          onApply={(target) => change({ target })}
        />
        {isFiltered && (
          <Button variant="subtle" size="xs" onClick={clear} justify="flex-start" px={0}>
            Clear the filters
          </Button>
        )}
      </SimpleGrid>
      <Loaded query={entries}>
        {({ data, pagination }) =>
          data.length === 0 ? (
            <NoEntries isFiltered={isFiltered} />
          ) : (
            <>
              <Entries entries={data} />
              <Pager {...pagination} onChange={goTo} />
            </>
          )
        }
      </Loaded>
    </Page>
  )
}

function Entries({ entries }: { entries: AuditEntry[] }) {
  const names = useUserNames(entries.map(({ actor }) => actor).filter((actor) => actor !== ROOT))
  const [opened, setOpened] = useState<AuditEntry>()
  const columns = useMemo(() => columnsWith(names, setOpened), [names])
  return (
    <>
      <DataTable
        label="Audit trail"
        columns={columns}
        rows={entries}
        rowKey={({ id }) => id}
        onRowClick={setOpened}
        minWidth={320}
      />
      <AuditDetails entry={opened} names={names} onClose={() => setOpened(undefined)} />
    </>
  )
}

function columnsWith(names: UserNames, open: (entry: AuditEntry) => void): Column<AuditEntry>[] {
  return [
    {
      title: 'When',
      width: 190,
      render: (entry) => (
        <Anchor component="button" size="sm" className="figures" ta="left" onClick={() => open(entry)}>
          {formatInstant(entry.at)}
        </Anchor>
      ),
    },
    { title: 'Who', width: 120, render: ({ actor }) => <Actor actor={actor} names={names} /> },
    {
      title: 'What',
      width: 170,
      render: ({ action }) => (
        <Text size="sm" className="breakable">
          {phraseOf(action)}
        </Text>
      ),
    },
    {
      title: 'Details',
      wideOnly: true,
      render: ({ details }) => (
        <Text size="sm" c="dimmed" lineClamp={2} className="breakable">
          {factsOf(details)
            .map(({ name, value }) => `${name}: ${value}`)
            .join('; ')}
        </Text>
      ),
    },
  ]
}

function NoEntries({ isFiltered }: { isFiltered: boolean }) {
  if (isFiltered) return <EmptyState title="No changes match">Change the filters, or clear them.</EmptyState>
  return <EmptyState title="No change yet">Whatever an admin changes gets an entry here.</EmptyState>
}
