import { TextInput } from '@mantine/core'
import { IconSearch } from '@tabler/icons-react'
import { useState } from 'react'
import { PAGE_SIZE } from '../../api/page'
import { DataTable, type Column } from '../../components/data-table'
import { EmptyState } from '../../components/empty-state'
import { Pager } from '../../components/pager'
import { Section } from '../../components/section'
import type { Value } from '../../live/frames'

type Named = [name: string, value: Value]

const COLUMNS: Column<Named>[] = [
  { title: 'Type and key', width: '50%', render: ([name]) => <span className="breakable">{name}</span> },
  { title: 'Last value', render: ([, value]) => <span className="breakable figures">{String(value)}</span> },
]

/** By name, so that a line stays where it is while its value changes. */
export function RecentValues({ values }: { values: ReadonlyMap<string, Value> }) {
  const [search, setSearch] = useState('')
  const [offset, setOffset] = useState(0)
  const found = [...values]
    .filter(([name]) => name.toLowerCase().includes(search.trim().toLowerCase()))
    .sort(([a], [b]) => (a < b ? -1 : 1))
  const start = offset < found.length ? offset : 0
  return (
    <Section
      title="Recent values"
      description="The latest value of each type.key."
      actions={
        <TextInput
          size="xs"
          aria-label="Find a value by its name"
          placeholder="sale.amount"
          leftSection={<IconSearch size={14} />}
          value={search}
          onChange={(event) => setSearch(event.currentTarget.value)}
        />
      }
    >
      {found.length === 0 ? (
        <EmptyState title={values.size === 0 ? 'No event carried a value' : 'No value of that name'} />
      ) : (
        <>
          <DataTable
            label="Recent values"
            columns={COLUMNS}
            rows={found.slice(start, start + PAGE_SIZE)}
            rowKey={([name]) => name}
            minWidth={300}
          />
          <Pager limit={PAGE_SIZE} offset={start} total={found.length} onChange={setOffset} />
        </>
      )}
    </Section>
  )
}
